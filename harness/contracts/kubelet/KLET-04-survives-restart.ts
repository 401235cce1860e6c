import { type Comparison, censusOf } from '../../judge/cluster/container-census.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import {
  faultWindows,
  type FaultWindow,
  hitsComponent,
  type Interval,
  possibleFaults,
} from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines, span } from '../../judge/recording/cluster-facts.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { type ReadyAtTimes, readyAtTimes } from './ready-at-times.ts'

/** A kubelet that a declared fault ended and that started again, until another fault touches its machine or any pod. */
interface Restart extends Interval {
  readonly machine: string
  readonly window: FaultWindow
}

interface Ready {
  readonly pod: string
  readonly machine: string
  readonly forMs: number
  readonly leastMs: number
}

const found = findings({
  CONTAINER_RESTARTED: ({ machine, containers }: { machine: string; containers: readonly string[] }) =>
    `After the restart of the kubelet of ${machine}, these containers had ended: ${listed(containers)}.`,
  READY_WITHOUT_PROBE: ({ pod, machine, forMs, leastMs }: Ready) =>
    `After the restart of the kubelet of ${machine}, ${pod} was reported Ready for ${duration(forMs)}, but its probe can't have succeeded: after a success the pod stays Ready for ${duration(leastMs)} at least.`,
  UNDISTURBED: ({ machine, containers, pods }: { machine: string; containers: number; pods: number }) =>
    `The restart of the kubelet of ${machine} ended none of ${counted(containers, 'container')}, and made none of ${counted(pods, 'unready pod')} Ready without its probe.`,
})

const probedFirst: Bound = {
  limit: 0,
  unit: 'ms',
  source: 'exact: a pod with a readiness probe is Ready only after the probe has succeeded',
}

export const survivesRestart = defineContract<Restart>({
  id: 'KLET-04',
  area: 'kubelet',
  promise:
    'A restart of the kubelet restarts no container, and makes no pod Ready whose readiness probe has not succeeded.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes',
  stimulus: { needs: 'a kubelet that ended and was started again, and no other fault of its machine', find: restarts },
  judge: (recording, all) => gravest(all, (restart) => onRestart(recording, restart)),
})

/** Faults that end the kubelet's process. A paused process continues. */
const endings = ['kill', 'stop', 'crash-loop']

function restarts(recording: Recording): Restart[] {
  const all = possibleFaults(recording)
  const nodes = nodeMachines(recording)
  const end = span(recording).until
  return faultWindows(recording).flatMap((window) => {
    const { fault, target, until } = window
    const isRestart = endings.includes(fault) && hitsComponent(target, 'kubelet') && until < Infinity
    if (!isRestart) return []
    return target.machines.flatMap((machine): Restart[] => {
      const others = all.filter((other) => other.id !== window.id && mayDisturb(other, machine))
      const next = others.find((other) => other.intentAt >= until)?.intentAt ?? end
      const isAlone = !others.some((other) => other.intentAt < until && other.until > window.intentAt)
      return nodes.includes(machine) && isAlone ? [{ machine, window, from: window.intentAt, until: next }] : []
    })
  })
}

function mayDisturb({ target }: FaultWindow, machine: string): boolean {
  const { machines, pod, pods, cut = [] } = target
  return (
    pod !== undefined || pods !== undefined || machines.includes(machine) || cut.some(({ from }) => from === machine)
  )
}

function onRestart(recording: Recording, { machine, window, from, until }: Restart): Finding {
  const last = recording.of('containers').findLast((one) => one.machine === machine && one.at <= until)
  const around = { from, until: Math.max(window.until, last?.at ?? window.until) }
  const broken = firstBreach(
    () => endedContainers(censusOf(recording, machine, around), machine),
    () => readyTooEarly(recording, machine, { from, until }),
  )
  if (broken) return broken
  const census = censusOf(recording, machine, around)
  const evidence = census.records
  const { judged } = readyAtTimes(objects(recording, 'pods').lives, machine, { from, until })
  const values = { machine, containers: census.containers, pods: judged }
  return found.pass('UNDISTURBED', values, {
    observed: `${counted(census.containers, 'container')} unchanged`,
    evidence,
  })
}

function endedContainers({ lost, records: evidence }: Comparison, machine: string): Finding | undefined {
  if (lost.length === 0) return undefined
  return found.fail(
    'CONTAINER_RESTARTED',
    { machine, containers: lost },
    { observed: `${listed(lost)} ended`, evidence },
  )
}

/** @throws InconclusiveError NOT_WATCHED, PROBE_UNKNOWN */
function readyTooEarly(recording: Recording, machine: string, time: Interval): Finding | undefined {
  requireWatched(recording, 'pods', time.from, time.until)
  const { ready } = readyAtTimes(objects(recording, 'pods').lives, machine, time)
  const unproven = ready.filter(({ forMs, leastMs }) => forMs < leastMs).toSorted((a, b) => b.forMs - a.forMs)
  if (unproven[0]) return readyWithoutProbe(unproven[0], machine)
  if (ready[0]) throw inconclusive(ready[0], machine)
  return undefined
}

function readyWithoutProbe({ pod, forMs, leastMs, records }: ReadyAtTimes, machine: string): Finding {
  const values = { pod, machine, forMs: Math.round(forMs), leastMs }
  return found.late('READY_WITHOUT_PROBE', values, {
    observed: `Ready for ${duration(forMs)} without a probe`,
    measured: forMs,
    bound: probedFirst,
    evidence: records,
  })
}

function inconclusive({ pod, forMs, leastMs }: ReadyAtTimes, machine: string): InconclusiveError {
  const values = { pod, machine, forMs: Math.round(forMs), leastMs }
  const reason = `After the restart of the kubelet of ${machine}, ${pod} was Ready for ${duration(forMs)}: a probe may have succeeded.`
  return new InconclusiveError(reason, 'PROBE_UNKNOWN', values)
}
