import { podsOwnedBy } from '../../judge/cluster/pod-counts.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { type ObjectOf, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { namespaceEnd } from '../kube-controller-manager/pod-requests.ts'

type Job = ObjectOf<'jobs'>

/** A Job that was created in the recording, with its pods and their ends. */
export interface JobRun extends Interval {
  readonly job: Life<Job>
  readonly spec: Job['spec']
  readonly completions: number
  readonly pods: readonly Life<Pod>[]
  /** The state with which each pod succeeded, in the order of revisions. */
  readonly succeeded: readonly Version<Pod>[]
  /** The same for pods that failed without a request to delete them. */
  readonly failed: readonly Version<Pod>[]
}

/** Jobs with a number of completions and plain retries, until their deletion or the end of the recording. */
export function jobRuns(recording: Recording): JobRun[] {
  const { from, until } = span(recording)
  return objects(recording, 'jobs').lives.flatMap((job): JobRun[] => {
    const spec = job.versions[0]?.object.spec
    const { completions, backoffLimitPerIndex, podFailurePolicy, template } = spec ?? {}
    const isPlain = backoffLimitPerIndex === undefined && podFailurePolicy === undefined
    if (!spec || completions === undefined || !isPlain || template?.spec.restartPolicy !== 'Never') return []
    if (job.listed || job.bornAt < from || job.versions.some(({ object }) => object.spec.suspend)) return []
    const pods = podsOwnedBy(recording, new Set([job.uid]))
    const ends = (phase: string): Version<Pod>[] =>
      pods
        .flatMap((pod) => pod.first(({ status }) => status.phase === phase) ?? [])
        .sort((a, b) => a.resourceVersion - b.resourceVersion)
    const failed = ends('Failed').filter(({ object }) => object.metadata.deletionTimestamp === undefined)
    const requested = job.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? Infinity
    const end = Math.min(until, requested, job.deletedAt, namespaceEnd(recording, job.namespace))
    return [{ job, spec, completions, pods, succeeded: ends('Succeeded'), failed, from: job.bornAt, until: end }]
  })
}

/** The first state with this condition, and its reason. */
export function reported({ job }: JobRun, type: 'Complete' | 'Failed'): { at: number; reason: string } | undefined {
  const is = (one: Job['status']['conditions'][number]): boolean => one.type === type && one.status === 'True'
  const version = job.first(({ status }) => status.conditions.some(is))
  return version && { at: version.at, reason: version.object.status.conditions.find(is)?.reason ?? '' }
}
