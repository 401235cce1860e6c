import { defineContract, type Finding } from '../../judge/contract.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { kubeletTimes } from '../nodes/kubelet-times.ts'
import { backOff } from './restarts/back-off.ts'
import { type Restart, restarts } from './restarts/restarts.ts'

interface Restarted {
  readonly container: string
  readonly pod: string
  readonly restart: number
  readonly afterMs: number
}

const found = findings({
  NOT_RESTARTED: ({ container, pod, afterMs }: Restarted) =>
    `The container ${container} of ${pod} ended, and ${duration(afterMs)} later no other one ran in its place.`,
  RESTART_NOT_COUNTED: ({ container, pod, restart }: Restarted) =>
    `Another container ${container} of ${pod} runs, and its restartCount stayed below ${restart}.`,
  RESTARTED_EARLY: ({ container, pod, restart, afterMs }: Restarted) =>
    `Restart ${restart} of the container ${container} of ${pod} came after ${duration(afterMs)}, before its back-off had passed.`,
  RESTARTED_LATE: ({ container, pod, restart, afterMs }: Restarted) =>
    `Restart ${restart} of the container ${container} of ${pod} came after ${duration(afterMs)}.`,
  RESTARTED: ({ container, pod, restart, afterMs, restarts }: Restarted & { readonly restarts: number }) =>
    `${counted(restarts, 'ended container was', 'ended containers were')} restarted in the same pod; restart ${restart} of ${container} of ${pod} came after ${duration(afterMs)}.`,
})

/** KLET-02 */
export const restartsContainers = defineContract<Restart>({
  id: 'KLET-02',
  area: 'kubelet',
  promise:
    'The kubelet restarts a container that ended in the same pod, after a back-off that doubles up to its limit, and counts the restart.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy',
  stimulus: { needs: 'a container that ended in a pod that restarts it, on an undisturbed Node', find: restarts },
  judge: (recording, all) => gravest(all, (one) => restarted(recording, one, all.length)),
})

function restarted(recording: Recording, one: Restart, restarts: number): Finding {
  const { container, pod, machine, before, again, countBefore, countAfter, pauseMs } = one
  if (!again) return waiting(recording, one)
  const restart = countBefore + 1
  const evidence = [before.record, again.record]
  const values = { container, pod, restart, afterMs: pauseMs ?? 0 }
  if (countAfter < restart) {
    return found.fail('RESTART_NOT_COUNTED', values, { observed: `a restartCount of ${countAfter}`, evidence })
  }
  if (pauseMs === undefined) {
    throw new InconclusiveError(`The status of ${pod} lacks the times of the restart of ${container}.`, 'NO_TIMES')
  }
  // Restarts between two reported states: the times are those of the last one.
  const { earliest, latest } = backOff(recording, machine, countAfter)
  const own = { ...values, restart: countAfter }
  const observed = `restart ${countAfter} after ${duration(pauseMs)}`
  if (pauseMs < earliest.limit) {
    return found.fail('RESTARTED_EARLY', own, { observed, measured: pauseMs, bound: earliest, evidence })
  }
  const codes = { pass: 'RESTARTED', late: 'RESTARTED_LATE' } as const
  return found.timed(codes, { ...own, restarts }, pauseMs, latest, { observed, evidence })
}

/** @throws InconclusiveError TOO_SHORT where the recording or the pod ended within the back-off */
function waiting(recording: Recording, { container, pod, machine, ended, until, countBefore }: Restart): Finding {
  const restart = countBefore + 1
  const { latest } = backOff(recording, machine, restart)
  const excused = [...kubeletTimes(recording, machine), ...blindTimes(recording, 'pods')]
  const afterMs = longestMs(without({ from: ended.at, until }, excused))
  const values = { container, pod, restart, afterMs: Math.round(afterMs) }
  if (afterMs <= latest.limit) {
    const reason = `The recording ended ${duration(afterMs)} after the container ${container} of ${pod}.`
    throw new InconclusiveError(reason, 'TOO_SHORT', values)
  }
  const details = { observed: 'not restarted', measured: afterMs, bound: latest, evidence: [ended.record] }
  return found.fail('NOT_RESTARTED', values, details)
}
