import { defineContract, type Finding } from '../../judge/contract.ts'
import {
  certain,
  faultWindows,
  type FaultWindow,
  hitsComponent,
  possibleFaults,
} from '../../judge/faults/fault-windows.ts'
import { hasCondition, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines } from '../../judge/recording/cluster-facts.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { noException } from '../bounds.ts'
import { mayHit } from '../fault-effects.ts'
import type { Listing } from './listings.ts'

/** A time without a kubelet, with a listing of the runtime before and the last one in it. */
interface Outage {
  readonly machine: string
  readonly window: FaultWindow
  readonly before: Listing
  /** Containers of pods that were Ready and not being deleted when the kubelet ended. */
  readonly judged: Listing['containers']
  readonly during: Listing
}

interface Lost {
  readonly machine: string
  readonly containers: readonly string[]
}

const found = findings({
  CONTAINER_ENDED: ({ machine, containers }: Lost) =>
    `These containers ended on ${machine} while its kubelet did not run: ${listed(containers)}.`,
  CONTAINERS_KEPT: ({ machine, containers, afterMs }: { machine: string; containers: number; afterMs: number }) =>
    `${counted(containers, 'container')} still ran on ${machine} ${duration(afterMs)} after the end of its kubelet.`,
})

/** KLET-05. NODE-02 to NODE-04 judge that the Node is marked, tainted and evicted. */
export const containersOutliveKubelet = defineContract<Outage>({
  id: 'KLET-05',
  area: 'kubelet',
  promise: 'The containers of a Node continue to run while its kubelet does not.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  stimulus: { needs: 'containers in a listing of a Node without a kubelet, and in one before', find: outages },
  judge: (recording, all) => gravest(all, (outage) => kept(recording, outage)),
})

/** Faults that end the kubelet's process, or stop it. */
const endings = ['kill', 'stop', 'pause']

function outages(recording: Recording): Outage[] {
  const nodes = nodeMachines(recording)
  return faultWindows(recording).flatMap((window) => {
    const { fault, target, restarted } = window
    if (restarted || !endings.includes(fault) || !hitsComponent(target, 'kubelet')) return []
    return target.machines
      .filter((one) => nodes.includes(one))
      .flatMap((machine) => outageOf(recording, machine, window) ?? [])
  })
}

/** Other faults of the machine may end containers: listings count only until the first of them. */
function outageOf(recording: Recording, machine: string, window: FaultWindow): Outage | undefined {
  const others = possibleFaults(recording).filter((one) => one.id !== window.id && mayEnd(one, machine))
  const own = recording.of('containers').filter((one) => one.machine === machine)
  const before = own.findLast(({ at }) => at <= window.intentAt)
  if (!before || before.containers.length === 0) return undefined
  const next = Math.min(Infinity, ...others.filter(({ until }) => until > before.at).map(({ intentAt }) => intentAt))
  const { from, until } = certain(window)
  const during = own.findLast(({ at }) => from <= at && at < Math.min(until, next))
  const judged = before.containers.filter((one) => isStable(recording, one, window))
  return during && judged.length > 0 ? { machine, window, before, judged, during } : undefined
}

/** A fault of the API's objects ends no container of a Node whose kubelet does not run. */
function mayEnd(window: FaultWindow, machine: string): boolean {
  const { target } = window
  return target.pod !== undefined || target.pods !== undefined || mayHit(window, { machine, component: 'containerd' })
}

function kept(recording: Recording, { machine, window, before, judged, during }: Outage): Finding {
  requireWatched(recording, 'pods', before.at, window.from)
  const left = new Set(during.containers.map(identity))
  const ended = judged.filter((one) => !left.has(identity(one)))
  const details = { fault: window.description, evidence: [before, during] }
  if (ended.length > 0) {
    const containers = ended.map(({ namespace, pod, name }) => `${name} of ${namespace}/${pod}`)
    const observed = `${counted(ended.length, 'container')} ended`
    return found.fail(
      'CONTAINER_ENDED',
      { machine, containers },
      { ...details, observed, measured: ended.length, bound: noException },
    )
  }
  const afterMs = Math.round(during.at - window.from)
  const observed = `${counted(judged.length, 'container')} after ${duration(afterMs)}`
  return found.pass(
    'CONTAINERS_KEPT',
    { machine, containers: judged.length, afterMs },
    { ...details, observed, measured: 0, bound: noException },
  )
}

type Container = Listing['containers'][number]

function identity({ id, startedAt }: Container): string {
  return `${id} ${startedAt}`
}

/** Whether the pod was Ready and not being deleted when the kubelet ended. */
function isStable(recording: Recording, { namespace, pod }: Container, { intentAt, from }: FaultWindow): boolean {
  return objects(recording, 'pods')
    .named(namespace, pod)
    .some((life) => {
      const [before, then] = [life.at(intentAt), life.at(from)]
      const isReady = before !== undefined && hasCondition(before, 'Ready', 'True')
      return isReady && then !== undefined && then.metadata.deletionTimestamp === undefined
    })
}
