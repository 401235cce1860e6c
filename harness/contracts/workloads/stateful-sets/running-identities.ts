import { type Interval, possibleFaults } from '../../../judge/faults/fault-windows.ts'
import { isOwnedBy, objects } from '../../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { type Listing, listings } from '../../kubelet/listings.ts'

/** A container from its first listing to its last one. */
interface Run extends Interval {
  readonly machine: string
  readonly records: readonly Listing[]
}

/** A pod name of a StatefulSet and what the Nodes' runtimes ran of it. */
export interface Identity {
  readonly namespace: string
  readonly pod: string
  readonly runs: readonly Run[]
}

/** Every name of which a runtime listed a container. */
export function identities(recording: Recording): Identity[] {
  const owned = objects(recording, 'pods').lives.filter(({ versions }) =>
    versions.some(({ object }) => isOwnedBy(object, 'StatefulSet')),
  )
  const names = new Map(owned.map(({ namespace, name }) => [`${namespace}/${name}`, namespace]))
  if (names.size === 0) return []
  const all = listings(recording).flatMap((listing) =>
    listing.containers.map(({ id, startedAt, namespace, pod }) => {
      return { listing, pod: `${namespace}/${pod}`, container: `${listing.machine} ${id} ${startedAt}` }
    }),
  )
  const byName = Map.groupBy(all, ({ pod }) => pod)
  return [...names].flatMap(([pod, namespace]): Identity[] => {
    const own = [...Map.groupBy(byName.get(pod) ?? [], ({ container }) => container).values()]
    const runs = own.flatMap((one) => runOf(one.map(({ listing }) => listing)))
    return runs.length > 0 ? [{ namespace, pod, runs }] : []
  })
}

function runOf(records: readonly Listing[]): Run[] {
  const [first, last] = [records[0], records.at(-1)]
  return first && last ? [{ machine: first.machine, from: first.at, until: last.at, records }] : []
}

export interface SharedTime {
  readonly machines: string
  readonly forMs: number
  readonly records: readonly Listing[]
}

/** Listings of one snapshot begin within this time. */
const snapshotMs = 100

/** When one name ran on two Nodes, as far as listings show it. A forced deletion of the pod, or the deletion of its Node, may cause that. */
export function sharedTimes(recording: Recording, { namespace, runs }: Identity): SharedTime[] {
  const forced = possibleFaults(recording).filter(
    ({ fault, target }) =>
      (fault === 'force-delete' && (target.pods === undefined || target.pods.namespace === namespace)) ||
      (fault === 'delete-node' && runs.some(({ machine }) => target.machines.includes(machine))),
  )
  return runs.flatMap((one, n) =>
    runs.slice(n + 1).flatMap((other): SharedTime[] => {
      const [from, until] = [Math.max(one.from, other.from), Math.min(one.until, other.until)]
      const isForced = forced.some(({ intentAt }) => intentAt <= from)
      if (one.machine === other.machine || until - from < -snapshotMs || isForced) return []
      const records = [...one.records, ...other.records].filter(({ at }) => at === from || at === until)
      return [{ machines: `${one.machine} and ${other.machine}`, forMs: Math.max(0, until - from), records }]
    }),
  )
}
