import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { noException, reconcile, watchDelayMs } from '../bounds.ts'
import { leaderlessTimes } from '../kube-controller-manager/leaderless-times.ts'
import { type JobRun, jobRuns, reported } from './job-runs.ts'
import { missingPods } from './missing-job-pods.ts'

interface Ended {
  readonly job: string
  readonly completions: number
  readonly succeeded: number
  readonly afterMs: number
  readonly jobs: number
}

interface Missing {
  readonly job: string
  readonly afterMs: number
}

const found = findings({
  COMPLETIONS_WRONG: ({ job, completions, succeeded, pods }: Omit<Ended, 'afterMs' | 'jobs'> & { pods: number }) =>
    `${job} requires ${counted(completions, 'completion')}; its status counts ${succeeded} and ${counted(pods, 'pod')} succeeded.`,
  RETRIED_TOO_OFTEN: ({ job, failed, backoffLimit }: Retried) =>
    `${job} got another pod after ${counted(failed, 'failed pod')}; its backoffLimit is ${backoffLimit}.`,
  FAILED_EARLY: ({ job, failed, backoffLimit }: Retried) =>
    `${job} reported BackoffLimitExceeded after ${counted(failed, 'failed pod')}; its backoffLimit is ${backoffLimit}.`,
  PODS_MISSING: ({ job, afterMs }: Missing) => `${job} had fewer pods than it needs for ${duration(afterMs)}.`,
  PODS_LATE: ({ job, afterMs }: Missing) => `${job} got the pods that it needs after ${duration(afterMs)}.`,
  NOT_ENDED: ({ job, completions, succeeded, afterMs }: Ended) =>
    `${job} had ${succeeded} of ${counted(completions, 'completion')} and no final condition for ${duration(afterMs)} after its last pod.`,
  ENDED_LATE: ({ job, succeeded, completions, afterMs }: Ended) =>
    `${job} ended with ${succeeded} of ${counted(completions, 'completion')} ${duration(afterMs)} after its last pod.`,
  ENDED_EXACTLY: ({ job, succeeded, completions, afterMs, jobs }: Ended) =>
    `${counted(jobs, 'Job')} with exact counts, the slowest ${job} with ${succeeded} of ${counted(completions, 'completion')}, reported after ${duration(afterMs)}.`,
})

interface Retried {
  readonly job: string
  readonly failed: number
  readonly backoffLimit: number
}

/** WL-07. The documentation allows that a program starts twice, so a pod more than `completions` may succeed. */
export const jobCompletions = defineContract<JobRun>({
  id: 'WL-07',
  area: 'workloads',
  promise:
    'The Job controller creates pods until the Job has exactly its completions, or more failed pods than its backoffLimit.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/',
  stimulus: { needs: 'a Job with completions whose pods are not restarted in place', find: jobRuns },
  judge: (recording, all) => gravest(all, (run) => ended(recording, run, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, RECORDING_ENDS */
function ended(recording: Recording, run: JobRun, jobs: number): Finding {
  const name = `${run.job.namespace}/${run.job.name}`
  for (const resource of ['jobs', 'pods'] as const) requireWatched(recording, resource, run.from, run.until)
  const excused = leaderlessTimes(recording, 'kube-controller-manager')
  const final = reported(run, 'Complete') ?? reported(run, 'Failed')
  const missing = missingPods(run, final?.at ?? run.until, excused)
  const breach = firstBreach(
    () => wrongCount(run, name),
    () => wrongRetries(run, name),
    () => {
      if (missing.afterMs <= reconcile.limit) return undefined
      const values = { job: name, afterMs: Math.round(missing.afterMs) }
      const details = { observed: 'a Job without its pods', measured: missing.afterMs, bound: reconcile }
      return missing.lasts ? found.fail('PODS_MISSING', values, details) : found.late('PODS_LATE', values, details)
    },
  )
  return breach ?? reportedEnd(run, name, { excused, jobs, endedAt: final?.at })
}

function wrongCount(run: JobRun, job: string): Finding | undefined {
  const { completions } = run
  const last = run.job.versions.findLast(({ deleted }) => !deleted)
  const succeeded = Math.max(0, ...run.job.versions.map(({ object }) => object.status.succeeded))
  const pods = run.succeeded.length
  const isComplete = reported(run, 'Complete') !== undefined
  if (succeeded <= Math.min(pods, completions) && (!isComplete || succeeded === completions)) return undefined
  return found.fail(
    'COMPLETIONS_WRONG',
    { job, completions, succeeded, pods },
    {
      observed: `${succeeded} of ${completions} completions, ${pods} succeeded pods`,
      measured: Math.abs(succeeded - completions),
      bound: noException,
      evidence: [...(last ? [last.record] : []), ...run.succeeded.map(({ record }) => record)],
    },
  )
}

function wrongRetries(run: JobRun, job: string): Finding | undefined {
  const { backoffLimit } = run.spec
  const exceeding = run.failed[backoffLimit]
  const late = exceeding && run.pods.find(({ bornAt }) => bornAt > exceeding.at + watchDelayMs)
  const values = { job, failed: run.failed.length, backoffLimit }
  const details = { observed: `${counted(run.failed.length, 'failed pod')}, backoffLimit ${backoffLimit}` }
  if (late) {
    const evidence = [exceeding.record, ...late.versions.slice(0, 1).map(({ record }) => record)]
    return found.fail('RETRIED_TOO_OFTEN', values, { ...details, bound: noException, evidence })
  }
  const isExceeded = reported(run, 'Failed')?.reason === 'BackoffLimitExceeded'
  return isExceeded && !exceeding ? found.fail('FAILED_EARLY', values, { ...details, bound: noException }) : undefined
}

interface Final {
  readonly excused: Parameters<typeof without>[1]
  readonly jobs: number
  readonly endedAt: number | undefined
}

/** @throws InconclusiveError RECORDING_ENDS where its pods still run, or the bound has not passed */
function reportedEnd(run: JobRun, job: string, { excused, jobs, endedAt }: Final): Finding {
  const { completions, succeeded, failed, spec } = run
  const due = succeeded[completions - 1] ?? failed[spec.backoffLimit]
  if (!due && endedAt === undefined) throw new InconclusiveError(`${job} was not done at the end.`, 'RECORDING_ENDS')
  // A Job fails when the last of its pods has ended.
  const ends = [...succeeded, ...failed].map(({ at }) => at).filter((at) => at <= (endedAt ?? run.until))
  const from = succeeded[completions - 1]?.at ?? Math.max(run.from, ...ends)
  const afterMs = longestMs(without({ from, until: endedAt ?? run.until }, excused))
  const values = { job, completions, succeeded: succeeded.length, afterMs: Math.round(afterMs), jobs }
  const observed = `${counted(jobs, 'Job')}, reported after ${duration(afterMs)}`
  if (endedAt === undefined) {
    if (afterMs <= reconcile.limit) throw new InconclusiveError(`${job} ended too late to judge.`, 'RECORDING_ENDS')
    return found.fail('NOT_ENDED', values, { observed, measured: afterMs, bound: reconcile })
  }
  const codes = { pass: 'ENDED_EXACTLY', late: 'ENDED_LATE' } as const
  return found.timed(codes, values, afterMs, reconcile, { observed, evidence: due ? [due.record] : [] })
}
