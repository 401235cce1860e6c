import type { JournalRecord } from '../../record/records.ts'
import { possibleFaults } from '../faults/fault-windows.ts'
import { isActive, objects, type Pod } from '../recording/kubernetes-objects.ts'
import type { Life, Version } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'

/** An address of a pod, from one revision or time until another; Infinity where it was never released. */
export interface AddressClaim {
  readonly address: string
  /** A pod with its uid, or a sandbox with its machine. */
  readonly owner: string
  readonly from: number
  readonly until: number
  /** The first record with the address. */
  readonly record: JournalRecord
}

/** These end every sandbox of a machine: earlier reports of its pods prove no address any more. */
const endSandboxes: readonly string[] = ['kill-machine', 'lose-machine', 'power-off', 'restart-machine']

/**
 * Pods by their revisions in the API: a pod claims an address while it reports it and is not terminating. Where it
 * later reports another one, its sandbox was replaced some time before, so only its reports count. The end of its Node
 * ends its claims.
 */
export function podsInTheApi(recording: Recording): AddressClaim[] {
  const ends = nodeEnds(recording)
  return objects(recording, 'pods').lives.flatMap((life) => claimsOf(life, ends))
}

function claimsOf(life: Life<Pod>, nodeEnd: ReadonlyMap<string, readonly number[]>): AddressClaim[] {
  const { uid, namespace, name, versions } = life
  const addresses = new Set(versions.flatMap(addressesOf))
  return [...addresses].flatMap((address) =>
    runsOf(versions, address, nodeEnd).map(({ first, until }) => ({
      address,
      owner: `${namespace}/${name} (${uid})`,
      from: first.resourceVersion,
      until,
      record: first.record,
    })),
  )
}

interface Run {
  readonly first: Version<Pod>
  readonly until: number
}

/** The times in which every revision of a pod reports an address, each on one boot of its Node. */
function runsOf(
  versions: readonly Version<Pod>[],
  address: string,
  nodeEnds: ReadonlyMap<string, readonly number[]>,
): Run[] {
  const runs: Run[] = []
  let open: { readonly first: Version<Pod>; last: Version<Pod> } | undefined
  const endAfter = ({ resourceVersion, object }: Version<Pod>): number =>
    nodeEnds.get(object.spec.nodeName ?? '')?.find((revision) => revision > resourceVersion) ?? Infinity
  const close = (until: number): void => {
    if (open) runs.push({ first: open.first, until: Math.min(until, endAfter(open.last)) })
    open = undefined
  }
  for (const version of versions) {
    if (open && endAfter(open.last) <= version.resourceVersion) close(Infinity)
    const reported = addressesOf(version)
    if (reported.includes(address)) open = { first: open?.first ?? version, last: version }
    else if (open) close(reported.length > 0 ? open.last.resourceVersion + 1 : version.resourceVersion)
  }
  close(Infinity)
  return runs
}

/** Empty for a terminating pod, which may have lost its address already. */
function addressesOf({ deleted, object }: Version<Pod>): string[] {
  const { podIP, podIPs } = object.status
  if (deleted || object.spec.hostNetwork || !isActive(object)) return []
  return [...new Set([...(podIP === undefined ? [] : [podIP]), ...podIPs.map(({ ip }) => ip)])]
}

/** The revisions at which each Node's sandboxes ended, or may have: its machine went down, or the Node was deleted. */
function nodeEnds(recording: Recording): Map<string, number[]> {
  const all = objects(recording, 'pods').lives.flatMap(({ versions }) => versions)
  const firstAfter = (time: number): number =>
    Math.min(Infinity, ...all.flatMap(({ at, resourceVersion }) => (at >= time ? [resourceVersion] : [])))
  const ends = new Map<string, number[]>()
  const add = (node: string, revision: number): void =>
    void ends.set(
      node,
      [...(ends.get(node) ?? []), revision].sort((a, b) => a - b),
    )
  for (const { fault, target, intentAt } of possibleFaults(recording)) {
    if (!endSandboxes.includes(fault)) continue
    for (const machine of target.machines) add(machine, firstAfter(intentAt))
  }
  for (const { name, versions } of objects(recording, 'nodes').lives) {
    const last = versions.at(-1)
    if (last?.deleted) add(name, firstAfter(last.at))
  }
  return ends
}

/**
 * Sandboxes on every machine, independent of the API: from the first record that lists one with an address to the last.
 */
export function sandboxes(recording: Recording): AddressClaim[] {
  const claims = new Map<string, AddressClaim>()
  for (const record of recording.of('containers')) {
    const { at, machine, containers } = record
    for (const { id, namespace, pod, address } of containers) {
      if (address === undefined) continue
      const key = `${machine} ${id} ${address}`
      const known = claims.get(key)
      const owner = `${namespace}/${pod} on ${machine} (${id.slice(0, 12)})`
      // A record does not state the time of each sandbox: sandboxes in one record count as simultaneous.
      claims.set(key, { address, owner, from: known?.from ?? at, until: at + 1, record: known?.record ?? record })
    }
  }
  return [...claims.values()]
}

export interface SharedAddress {
  readonly address: string
  readonly holder: AddressClaim
  readonly claim: AddressClaim
}

/** Every claim of an address that another owner had at the same time. */
export function sharedClaims(claims: readonly AddressClaim[]): SharedAddress[] {
  return [...Map.groupBy(claims, ({ address }) => address)].flatMap(([address, own]) => {
    const shared: SharedAddress[] = []
    let holder: AddressClaim | undefined
    for (const claim of own.toSorted((a, b) => a.from - b.from)) {
      if (holder && holder.owner !== claim.owner && claim.from < holder.until) shared.push({ address, holder, claim })
      if (!holder || claim.until > holder.until) holder = claim
    }
    return shared
  })
}
