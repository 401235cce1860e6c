import {
  type FaultWindow,
  type Interval,
  during,
  faultWindows,
  hitsComponent,
  overlaps,
} from '../../judge/faults/fault-windows.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import { type RuleSnapshot, RuleSnapshots } from '../../judge/kube-proxy/rule-snapshots.ts'
import { portHistory, proxyMachine } from '../../judge/kube-proxy/port-history.ts'
import { type Reached, reached } from '../../judge/kube-proxy/reached.ts'
import type { ProxyMachine } from '../../judge/kube-proxy/service-port.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines, span } from '../../judge/recording/cluster-facts.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { rulesFollow } from '../bounds.ts'
import { served } from '../live-settings.ts'
import { type Disturbance, disturbances, packetsDisturbed, unknownTimes } from './disturbances.ts'

/** The documentation page of every contract about rules. */
export const reference = 'https://kubernetes.io/docs/reference/networking/virtual-ips/'

/** The facts that every contract about rules uses. */
export interface ProxyFacts {
  readonly machines: readonly ProxyMachine[]
  readonly machineNamed: (name: string) => ProxyMachine | undefined
  readonly snapshotsOf: ReadonlyMap<string, RuleSnapshots>
  readonly disturbancesOf: (machine: string) => readonly Disturbance[]
  /** How long rules may take to follow, and a watch to report; milliseconds. */
  readonly followMs: number
  /** Whether a machine's rules can't be judged: a fault may delay or change them, or no source watched Services. */
  readonly excused: (machine: string, at: number) => boolean
  /** Whether every change in a time was watched. */
  readonly isKnown: (time: Interval) => boolean
}

const known = new WeakMap<Recording, ProxyFacts>()

/** @throws InconclusiveError where Services were never watched */
export function proxyFacts(recording: Recording): ProxyFacts {
  const found = known.get(recording) ?? factsOf(recording)
  known.set(recording, found)
  return found
}

function factsOf(recording: Recording): ProxyFacts {
  const history = requireNonEmpty(portHistory(recording), 'No watch of services was recorded.', 'NOT_WATCHED')
  const podRange = requireEvidence(
    served(recording, 'kube-proxy', 'clusterCIDR'),
    "No kube-proxy's clusterCIDR was recorded.",
    'SETTING_UNKNOWN',
  )
  const machines = nodeMachines(recording).map((name) => proxyMachine(recording, name, podRange))
  const followMs = rulesFollow(recording).limit
  const snapshotsOf = new Map(
    machines.map((machine) => [machine.name, new RuleSnapshots(recording, machine, followMs)]),
  )
  const disturbed = new Map<string, readonly Disturbance[]>(
    machines.map(({ name }) => [name, disturbances(recording, name)]),
  )
  const unknown = [{ from: -Infinity, until: history[0].at }, ...unknownTimes(recording)]
  const isKnown = (time: Interval): boolean => !unknown.some((one) => overlaps(one, time))
  const disturbancesOf = (machine: string): readonly Disturbance[] => disturbed.get(machine) ?? []
  return {
    machines,
    followMs,
    disturbancesOf,
    machineNamed: (name) => machines.find((machine) => machine.name === name),
    snapshotsOf,
    isKnown,
    excused: (machine, at) =>
      unknown.some((one) => during(one, at)) || disturbancesOf(machine).some((one) => during(one, at)),
  }
}

export interface MachineSnapshot extends RuleSnapshot {
  readonly machine: string
}

/**
 * Every snapshot in the scenario of the rules of a machine that had to have followed. Empty where no rules were read.
 */
export function judgedSnapshots(recording: Recording): MachineSnapshot[] {
  if (recording.of('rules').length === 0) return []
  const { machines, snapshotsOf, excused } = proxyFacts(recording)
  const { from } = span(recording)
  return machines.flatMap(({ name }) =>
    (snapshotsOf.get(name)?.snapshots ?? [])
      .filter(({ at }) => at >= from && !excused(name, at))
      .map((snapshot) => ({ ...snapshot, machine: name })),
  )
}

/**
 * The machine whose kernel forwards a place's packets: the place itself, or for `pod:<name>` and
 * `pod:<namespace>/<name>` the pod's Node at that time. Undefined for a pod that was not watched or whose name is not
 * unique.
 */
export function machineOf(recording: Recording, from: string, at: number): string | undefined {
  if (!from.startsWith('pod:')) return from
  const named = from.slice('pod:'.length)
  const nodes = objects(recording, 'pods').lives.flatMap((life) => {
    const fits = named === life.name || named === `${life.namespace}/${life.name}`
    // A pod never changes its Node, and the watch may report it after its first use.
    const node = fits ? (life.at(at) ?? life.versions.at(-1)?.object)?.spec.nodeName : undefined
    return node === undefined ? [] : [{ node, there: life.at(at) !== undefined }]
  })
  const there = nodes.filter((one) => one.there)
  const [first, ...others] = new Set((there.length > 0 ? there : nodes).map(({ node }) => node))
  return others.length === 0 ? first : undefined
}

/** Proven faults that ended the kube-proxy of one machine alone; with `frozen`, also faults that paused it. */
export function outages(
  recording: Recording,
  { frozen }: { readonly frozen: boolean },
): (FaultWindow & { readonly machine: string })[] {
  const kinds = frozen ? ['kill', 'stop', 'pause'] : ['kill', 'stop']
  return faultWindows(recording)
    .filter(({ fault, target }) => kinds.includes(fault) && hitsComponent(target, 'kube-proxy'))
    .flatMap((window) => window.target.machines.map((machine) => ({ ...window, machine })))
}

/**
 * Every test packet that was sent, with the requirements of its Services. Packets through a machine whose rules can't
 * be judged are left out.
 */
export function packetsSent(recording: Recording): Reached[] {
  const records = recording.of('reach')
  if (records.length === 0) return []
  const { excused, machineNamed } = proxyFacts(recording)
  const { limit } = rulesFollow(recording)
  return records.flatMap((record) => {
    const here = machineNamed(record.through === '' ? record.from : record.through)
    if (!here || excused(here.name, record.at)) return []
    const sent = reached(record, portHistory(recording), machineNamed, limit)
    if (!sent) return []
    const lost = sent.wrong !== undefined && record.outcome !== 'answered' && isLossy(recording, sent)
    return lost ? [] : [sent]
  })
}

function isLossy(recording: Recording, { record, endpoints }: Reached): boolean {
  const places = [record.from, record.through, ...endpoints.map(({ node }) => node)]
  return packetsDisturbed(recording, { from: record.at, until: record.endedAt }, places)
}
