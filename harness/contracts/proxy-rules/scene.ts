import { type FaultWindow, type Interval, down, faultWindows } from '../../judge/fault-windows.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import { Looks } from '../../judge/proxy-rules/looks.ts'
import { portHistory, proxyMachine } from '../../judge/proxy-rules/port-history.ts'
import { type Reached, reached } from '../../judge/proxy-rules/reached.ts'
import type { ProxyMachine } from '../../judge/proxy-rules/service-port.ts'
import type { Recording } from '../../judge/recording.ts'
import { namespaceOf, nodeMachines, span } from '../../judge/scene.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { proxyRestart, rulesFollow } from '../bounds.ts'
import { served } from '../settings.ts'

/** What every promise about rules is judged with. */
export const reference = 'https://kubernetes.io/docs/reference/networking/virtual-ips/'
export const scenarios = ['kube-proxy-rules'] as const

export interface Scene {
  readonly machines: readonly ProxyMachine[]
  /** What was seen of each machine's rules. */
  readonly looksOf: ReadonlyMap<string, Looks>
  /** When a machine's rules could not be expected to follow, or were taken away. */
  readonly excused: (machine: string, at: number) => boolean
}

const known = new WeakMap<Recording, Scene>()

/** @throws InconclusiveError where Services were not watched, or a Node's rules never looked at */
export function proxyScene(recording: Recording): Scene {
  const found = known.get(recording) ?? sceneOf(recording)
  known.set(recording, found)
  return found
}

function sceneOf(recording: Recording): Scene {
  const { from, until } = span(recording)
  needWatched(recording, 'services', from, until)
  needWatched(recording, 'endpointslices', from, until)
  requireNonEmpty(portHistory(recording), 'No Service was seen.')
  const podRange = requireEvidence(
    served(recording, 'kube-proxy', 'clusterCIDR'),
    "No kube-proxy's clusterCIDR was recorded.",
  )
  const machines = nodeMachines(recording).map((name) => proxyMachine(recording, name, podRange))
  const looksOf = new Map(
    machines.map((machine) => [machine.name, new Looks(recording, machine, rulesFollow(recording).limit)]),
  )
  for (const { name } of machines)
    requireNonEmpty(looksOf.get(name)?.looks ?? [], `Nobody looked at the rules of ${name}.`)
  const times = machines.flatMap(({ name }) => disturbances(recording, name).map((one) => ({ name, ...one })))
  const late = proxyRestart(recording).limit
  return {
    machines,
    looksOf,
    excused: (machine, at) =>
      times.some(({ name, from: begun, until: ended }) => name === machine && begun <= at && at < ended + late),
  }
}

/** When a machine's kube-proxy was not running or its rules were tampered with. */
function disturbances(recording: Recording, machine: string): Interval[] {
  const tampered = tamperings(recording).filter(({ target }) => target.machines.includes(machine))
  const dead = outages(recording).filter((one) => one.target.machines.includes(machine))
  return [...tampered, ...dead].map(({ intentAt, until }) => ({ from: intentAt, until }))
}

/** When the next fault begins that changes what a machine's rules do; Infinity where there is none. */
export function disturbedAgain(recording: Recording, machine: string, after: number): number {
  return Math.min(...disturbances(recording, machine).map(({ from }) => (from > after ? from : Infinity)))
}

/** The machine whose kernel sends a client's packets on; of a pod, the one that it runs on. */
export function machineOf(recording: Recording, from: string): string {
  if (!from.startsWith('pod:')) return from
  const pods = objects(recording, 'pods').named(namespaceOf(recording), from.slice('pod:'.length))
  return pods.at(-1)?.versions.at(-1)?.object.spec.nodeName ?? from
}

export function outages(recording: Recording): FaultWindow[] {
  return down(faultWindows(recording), 'kube-proxy', nodeMachines(recording)).map(({ window }) => window)
}

export function tamperings(recording: Recording): FaultWindow[] {
  return faultWindows(recording).filter(({ fault }) => fault === 'flush-proxy' || fault === 'delete-rule')
}

/** When all of a machine's rules were taken away: kube-proxy looks for that, and not for a single one that is missing. */
export function flushes(recording: Recording): FaultWindow[] {
  return tamperings(recording).filter(({ fault }) => fault === 'flush-proxy')
}

/** Every single packet that was sent, except from or through a machine that could not know better, with what was asked. */
export function packetsSent(recording: Recording, scene: Scene): Reached[] {
  const machineOf = (name: string): ProxyMachine =>
    requireEvidence(
      scene.machines.find((machine) => machine.name === name),
      `The journal does not know the machine ${name}.`,
    )
  return recording.of('reach').flatMap((record) => {
    if (scene.excused(record.through === '' ? record.from : record.through, record.at)) return []
    return reached(record, portHistory(recording), machineOf, rulesFollow(recording).limit) ?? []
  })
}
