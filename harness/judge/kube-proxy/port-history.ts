import { type ObjectOf, objects } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'
import { machines } from '../recording/cluster-facts.ts'
import { requireEvidence } from '../verdict/inconclusive.ts'
import type { Difference } from './rules/compare.ts'
import type { ProxyMachine, ServicePort } from './service-port.ts'
import { answerNames } from './answer-names.ts'
import { type Named, servicePorts } from './service-ports.ts'

/** The ports of all Services from one time to another, as the API servers reported them. */
export interface PortState {
  readonly at: number
  readonly until: number
  readonly ports: readonly ServicePort[]
}

const known = new WeakMap<Recording, readonly PortState[]>()

/** The ports of all Services and their endpoints, state after state; computed once for a recording. */
export function portHistory(recording: Recording): readonly PortState[] {
  const found = known.get(recording) ?? states(recording)
  known.set(recording, found)
  return found
}

function states(recording: Recording): PortState[] {
  const services = new Map<string, Named<ObjectOf<'services'>>>()
  const slices = new Map<string, Named<ObjectOf<'endpointslices'>>>()
  const changes = [
    ...changesOf(objects(recording, 'services').lives, services),
    ...changesOf(objects(recording, 'endpointslices').lives, slices),
  ].sort((a, b) => a.at - b.at)
  const found: PortState[] = []
  const nameOf = answerNames(recording)
  for (const [n, { at, apply }] of changes.entries()) {
    apply()
    const until = changes[n + 1]?.at ?? Infinity
    if (until > at) found.push({ at, until, ports: servicePorts([...services.values()], [...slices.values()], nameOf) })
  }
  return found
}

interface LifeOf<T> {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly versions: readonly { readonly at: number; readonly deleted: boolean; readonly object: T }[]
}

function changesOf<T>(lives: readonly LifeOf<T>[], into: Map<string, Named<T>>): { at: number; apply: () => void }[] {
  return lives.flatMap(({ uid, namespace, name, versions }) =>
    versions.map(({ at, deleted, object }) => ({
      at,
      apply: () => void (deleted ? into.delete(uid) : into.set(uid, { namespace, name, object })),
    })),
  )
}

/** The states that were in force at some time of an interval. */
export function statesDuring(history: readonly PortState[], from: number, until: number): readonly PortState[] {
  return history.filter((state) => state.at <= until && state.until > from)
}

export function stateAt(history: readonly PortState[], time: number): PortState | undefined {
  return history.findLast(({ at }) => at <= time)
}

/** The first change of any Service after a time. */
export function nextChange(recording: Recording, after: number): PortState | undefined {
  const history = portHistory(recording)
  const configOf = ({ ports }: PortState): string => JSON.stringify(ports)
  return history.find((state, n) => {
    const before = history[n - 1]
    return state.at > after && before !== undefined && configOf(state) !== configOf(before)
  })
}

/** What a Node's rules depend on besides Services. `podRange` is its kube-proxy's. @throws InconclusiveError */
export function proxyMachine(recording: Recording, name: string, podRange: string): ProxyMachine {
  const machine = requireEvidence(
    machines(recording).find((one) => one.name === name),
    `The journal has no record of the machine ${name}.`,
  )
  const [life] = objects(recording, 'nodes').named('', name)
  const zone = life?.versions.at(-1)?.object.metadata.labels['topology.kubernetes.io/zone'] ?? ''
  return { name, address: machine.address, zone, podRange }
}

/** `hf-x/web:tcp (tcp 80) on worker1: a tcp packet from ... goes to ... (rule 2 of KUBE-SEP-...)` */
export function formatDifference({ machine, service, packet, what, rule }: Difference): string {
  return `${service === '' ? '' : `${service} `}on ${machine}: ${packet} ${what} (${rule})`
}
