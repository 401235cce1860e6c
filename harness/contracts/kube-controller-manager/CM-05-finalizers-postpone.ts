import { isSuccess } from '../../judge/cluster/bindings.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { audited } from '../../judge/recording/audited.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { apiCall, noException, watchDelayMs } from '../bounds.ts'

const resources = [
  'deployments',
  'endpointslices',
  'jobs',
  'nodes',
  'poddisruptionbudgets',
  'pods',
  'replicasets',
  'services',
] as const

type Owned = { readonly metadata: Pod['metadata'] }

/** An object whose deletion was requested while it had finalizers. */
interface Postponed {
  readonly resource: (typeof resources)[number]
  readonly life: Life<Owned>
  readonly requested: Version<Owned>
}

interface Kept {
  readonly object: string
  readonly finalizer: string
  readonly afterMs: number
}

const found = findings({
  REMOVED_WITH_FINALIZER: ({ object, finalizer, afterMs }: Kept) =>
    `${object} was removed ${duration(afterMs)} after the request to delete it, and no client had removed its finalizer ${finalizer}.`,
  KEPT_WITHOUT_FINALIZER: ({ object, afterMs }: Omit<Kept, 'finalizer'>) =>
    `${object} had no finalizer any more and still existed ${duration(afterMs)} later.`,
  POSTPONED: ({ object, finalizer, afterMs, objects: count }: Kept & { readonly objects: number }) =>
    `Finalizers postponed ${counted(count, 'deletion')}; ${finalizer} kept ${object} for ${duration(afterMs)}, the longest time.`,
})

/** CM-05 */
export const finalizersPostpone = defineContract<Postponed>({
  id: 'CM-05',
  area: 'kube-controller-manager',
  promise: 'An object whose deletion is requested stays until its last finalizer is removed, and is removed then.',
  reference: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/',
  stimulus: { needs: 'an object with a finalizer whose deletion is requested', find },
  judge(recording, all) {
    const [first, ...more] = all.toSorted((a, b) => keptMs(recording, b) - keptMs(recording, a))
    return gravest([first ?? all[0], ...more], (one) => judged(recording, one, all.length))
  },
})

function find(recording: Recording): Postponed[] {
  const { from } = span(recording)
  return resources.flatMap((resource) =>
    objects(recording, resource).lives.flatMap((life: Life<Owned>): Postponed[] => {
      const requested = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
      const isPostponed = requested && requested.at >= from && requested.object.metadata.finalizers.length > 0
      return isPostponed ? [{ resource, life, requested }] : []
    }),
  )
}

function keptMs(recording: Recording, { life, requested }: Postponed): number {
  return Math.round(Math.min(life.deletedAt, span(recording).until) - requested.at)
}

/** @throws InconclusiveError NOT_WATCHED, NOT_AUDITED, RECORDING_ENDS */
function judged(recording: Recording, one: Postponed, count: number): Finding {
  const { resource, life, requested } = one
  const { until } = span(recording)
  requireWatched(recording, resource, requested.at, Math.min(life.deletedAt, until))
  const object = `${resource} ${life.namespace}/${life.name}`
  const afterMs = keptMs(recording, one)
  const last = life.versions.findLast(({ deleted }) => !deleted) ?? requested
  const [finalizer = requested.object.metadata.finalizers[0] ?? ''] = last.object.metadata.finalizers
  const evidence = [requested.record, last.record]
  const isHeld = last.object.metadata.finalizers.length > 0
  if (life.deletedAt < Infinity && isHeld && !isChanged(recording, one)) {
    audited(recording)
    const details = { observed: 'removed with a finalizer', bound: noException, evidence }
    return found.fail('REMOVED_WITH_FINALIZER', { object, finalizer, afterMs }, details)
  }
  // A pod without finalizers ends with its grace period.
  const openMs = resource === 'pods' || isHeld ? 0 : Math.round(Math.min(life.deletedAt, until) - last.at)
  if (openMs > apiCall.limit + watchDelayMs) {
    const details = { observed: 'kept without a finalizer', measured: openMs, bound: apiCall, evidence }
    return found.fail('KEPT_WITHOUT_FINALIZER', { object, afterMs: openMs }, details)
  }
  if (openMs > 0 && life.deletedAt === Infinity) {
    throw new InconclusiveError(`${object} lost its finalizer as the recording ended.`, 'RECORDING_ENDS')
  }
  const values = { object, finalizer, afterMs, objects: count }
  return found.pass('POSTPONED', values, { observed: `kept for ${duration(afterMs)}`, bound: noException, evidence })
}

/** Whether a client changed the object as it was removed: the API server stores no state without the last finalizer. */
function isChanged(recording: Recording, { resource, life }: Postponed): boolean {
  return recording
    .of('audit')
    .some(
      (one) =>
        one.resource === resource &&
        one.namespace === life.namespace &&
        one.name === life.name &&
        ['update', 'patch'].includes(one.verb) &&
        one.subresource !== 'status' &&
        isSuccess(one) &&
        one.at <= life.deletedAt &&
        life.deletedAt <= one.endedAt + watchDelayMs,
    )
}
