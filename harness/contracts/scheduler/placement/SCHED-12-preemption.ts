import { defineContract, type Finding } from '../../../judge/contract.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import { possibleFaults } from '../../../judge/faults/fault-windows.ts'
import { longestMs, without } from '../../../judge/recording/intervals.ts'
import { objects, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import { selects } from '../../../judge/recording/label-selector.ts'
import { span } from '../../../judge/recording/cluster-facts.ts'
import type { Life } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { counted, duration } from '../../../judge/verdict/format.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../../judge/verdict/inconclusive.ts'
import { podStart, watchDelayMs } from '../../bounds.ts'
import { unableTimes } from '../../kube-controller-manager/unable-times.ts'
import { served } from '../../live-settings.ts'
import { type Preemptor, preemptors } from './preemptors.ts'

interface Placed {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
  readonly victims: number
  /** Victims whose budget allowed no disruption: the scheduler avoids them where it can. */
  readonly guarded: number
}

const found = findings({
  NOT_PREEMPTED: ({ pod, afterMs }: { readonly pod: string; readonly afterMs: number }) =>
    `${pod} had no Node ${duration(afterMs)} after the scheduler reported that none fits, although it fits one without pods of lower priority.`,
  VICTIM_NOT_LOWER: ({ pod, victim, priority, own }: { pod: string; victim: string; priority: number; own: number }) =>
    `For ${pod} of priority ${own}, the scheduler removed ${victim} of priority ${priority}.`,
  PREEMPTED: ({ pod, node, afterMs, victims, guarded }: Placed) =>
    `${pod} was placed on ${node} after ${duration(afterMs)}, for which ${counted(victims, 'pod')} of lower priority had to go; budgets guarded ${guarded} of them.`,
  PREEMPTED_LATE: ({ pod, node, afterMs }: Placed) => `${pod} was placed on ${node} only after ${duration(afterMs)}.`,
})

/** SCHED-12. Budgets are respected as far as possible, so their guarded victims are reported and not judged. */
export const preemption = defineContract<Preemptor>({
  id: 'SCHED-12',
  area: 'scheduler',
  promise:
    'For a pod that fits no Node the scheduler removes pods of lower priority, and no others, and then places the pod.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
  stimulus: { needs: 'a waiting pod that fits a Node without pods of lower priority', find: preemptors },
  judge: (recording, all) => gravest(all, (one) => placedByPreemption(recording, one)),
})

/** @throws InconclusiveError NOT_WATCHED, RECORDING_ENDS */
function placedByPreemption(recording: Recording, preemptor: Preemptor): Finding {
  const { life, declinedAt, graceMs } = preemptor
  const pod = `${life.namespace}/${life.name}`
  const placed = life.first(({ spec }) => spec.nodeName !== undefined)
  const gone = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? life.deletedAt
  const end = Math.min(placed?.at ?? span(recording).until, gone)
  const own = life.versions[0]?.object.spec.priority ?? 0
  const victims = victimsFor(recording, placed?.object.spec.nodeName, { from: declinedAt - watchDelayMs, until: end })
  const wrong = victims.find(({ versions }) => (versions[0]?.object.spec.priority ?? 0) >= own)
  if (wrong) {
    const values = { pod, victim: wrong.name, priority: wrong.versions[0]?.object.spec.priority ?? 0, own }
    const evidence = wrong.versions.slice(-1).map(({ record }) => record)
    return found.fail('VICTIM_NOT_LOWER', values, { observed: 'a victim of no lower priority', evidence })
  }
  requireWatched(recording, 'pods', declinedAt - watchDelayMs, end)
  const bound = preemptionBound(recording, graceMs)
  const time = { from: declinedAt, until: end }
  const wholeMs = time.until - time.from
  // Faults excuse only what comes after the bound.
  const afterMs = wholeMs <= bound.limit ? wholeMs : longestMs(without(time, excuses(recording, preemptor)))
  const evidence = life.versions.slice(0, 1).map(({ record }) => record)
  if (!placed) {
    if (afterMs <= bound.limit) {
      throw new InconclusiveError(`The recording ends before ${life.name} had to be placed.`, 'RECORDING_ENDS')
    }
    const details = { observed: 'a pod of higher priority left waiting', measured: afterMs, bound, evidence }
    return found.fail('NOT_PREEMPTED', { pod, afterMs }, details)
  }
  const guarded = victims.filter((victim) => isGuarded(recording, victim, end)).length
  const values = { pod, node: placed.object.spec.nodeName ?? '', afterMs, victims: victims.length, guarded }
  const observed = `placed after ${duration(afterMs)}, ${counted(victims.length, 'victim')}`
  return found.timed({ pass: 'PREEMPTED', late: 'PREEMPTED_LATE' }, values, afterMs, bound, { observed, evidence })
}

/** The pods of a Node that the scheduler marked as preempted in a time. */
function victimsFor(
  recording: Recording,
  node: string | undefined,
  time: { from: number; until: number },
): Life<Pod>[] {
  return objects(recording, 'pods').lives.filter((life) => {
    const marked = life.first(({ status }) =>
      status.conditions.some(({ type, reason }) => type === 'DisruptionTarget' && reason === 'PreemptionByScheduler'),
    )
    if (!marked || (node !== undefined && marked.object.spec.nodeName !== node)) return false
    return time.from <= marked.at && marked.at <= time.until
  })
}

function isGuarded(recording: Recording, victim: Life<Pod>, at: number): boolean {
  const labels = victim.versions[0]?.object.metadata.labels ?? {}
  return objects(recording, 'poddisruptionbudgets')
    .in(victim.namespace)
    .some((life) => {
      const budget = life.at(at)
      return budget !== undefined && budget.status.disruptionsAllowed === 0 && selects(budget.spec.selector, labels)
    })
}

/** Faults of the control plane and of the Nodes may delay the end of the victims, or the placement. */
function excuses(recording: Recording, { nodes }: Preemptor): { from: number; until: number }[] {
  const onNodes = possibleFaults(recording).filter(({ target }) => target.machines.some((name) => nodes.includes(name)))
  return [
    ...unableTimes(recording, 'kube-scheduler'),
    ...onNodes.map(({ intentAt, until }) => ({ from: intentAt, until: until + podStart.limit })),
  ]
}

/** The victims' grace period, the longest pause before the scheduler tries again, and a placement. */
function preemptionBound(recording: Recording, graceMs: number): Bound {
  const seconds = Number(served(recording, 'kube-scheduler', 'podMaxBackoffSeconds') ?? 10)
  return {
    limit: graceMs + seconds * 1_000 + podStart.limit,
    unit: 'ms',
    source: `terminationGracePeriodSeconds ${graceMs / 1_000} + podMaxBackoffSeconds ${seconds} + ${podStart.source}`,
  }
}
