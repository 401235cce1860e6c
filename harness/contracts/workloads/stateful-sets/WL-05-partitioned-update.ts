import { defineContract, type Finding } from '../../../judge/contract.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import { span } from '../../../judge/recording/cluster-facts.ts'
import type { Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Version } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { noException } from '../../bounds.ts'
import { type SetPod, setsWithPods, stateBefore } from './set-pods.ts'

/** A pod that was created while only a part of its StatefulSet was to be updated. */
interface Created {
  readonly pod: SetPod
  readonly version: Version<Pod>
  /** The first ordinal that is updated. */
  readonly partition: number
  readonly current: string
  readonly update: string
}

interface Wrong {
  readonly pod: string
  readonly revision: string
  readonly partition: number
}

const found = findings({
  UPDATED_BELOW_PARTITION: ({ pod, revision, partition }: Wrong) =>
    `${pod} was created with the revision ${revision} of an update that is limited to ordinals of at least ${partition}.`,
  OLD_ABOVE_PARTITION: ({ pod, revision, partition }: Wrong) =>
    `${pod} was created with the revision ${revision} from before an update of all ordinals of at least ${partition}.`,
  PARTITION_KEPT: ({ below, above }: { readonly below: number; readonly above: number }) =>
    `${counted(below, 'pod')} below the partition kept the former revision, and ${counted(above, 'pod')} above it got the new one.`,
})

/** WL-05 */
export const partitionedUpdate = defineContract<Created>({
  id: 'WL-05',
  area: 'workloads',
  promise:
    'While an update of a StatefulSet is limited by a partition, pods below it are created with the former revision, and others with the new one.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions',
  stimulus: { needs: 'a pod below the partition that is created while an update is limited by it', find },
  judge: (recording, all) => gravest(all, (one) => withRevision(recording, one, all)),
})

/** Pods above a partition count only beside one below it: an update of all others is no test of the partition. */
function find(recording: Recording): Created[] {
  const { from } = span(recording)
  return setsWithPods(recording).flatMap(({ set, pods }) => {
    const created = pods.flatMap((pod): Created[] => {
      const [version] = pod.life.versions
      const state = version && stateBefore(set, version.resourceVersion)?.object
      if (!version || !state || pod.life.listed || version.at < from) return []
      const { spec, status, metadata } = state
      const partition = spec.ordinals.start + spec.updateStrategy.rollingUpdate.partition
      const { currentRevision: current, updateRevision: update } = status
      const isLimited = spec.updateStrategy.type === 'RollingUpdate' && partition > spec.ordinals.start
      // The status of a set that has changed since may name a revision that the controller no longer uses.
      const isObserved = status.observedGeneration === metadata.generation
      return isLimited && isObserved && current !== update ? [{ pod, version, partition, current, update }] : []
    })
    return created.some(isBelow) ? created : []
  })
}

const isBelow = ({ pod, partition }: Created): boolean => pod.ordinal < partition

/** @throws InconclusiveError NOT_WATCHED, HOST_NOISE */
function withRevision(recording: Recording, created: Created, all: readonly Created[]): Finding {
  const { pod, version, partition, current, update } = created
  requireWatched(recording, 'statefulsets', version.at, version.at)
  const revision = version.object.metadata.labels['controller-revision-hash'] ?? ''
  const values = { pod: `${pod.life.namespace}/${pod.life.name}`, revision, partition }
  const details = { observed: `created with ${revision}`, bound: noException, evidence: [version.record] }
  if (isBelow(created) && revision !== current) return found.fail('UPDATED_BELOW_PARTITION', values, details)
  if (!isBelow(created) && revision !== update) return found.fail('OLD_ABOVE_PARTITION', values, details)
  const below = all.filter(isBelow).length
  const observed = `${below} below and ${all.length - below} above the partition`
  return found.pass('PARTITION_KEPT', { below, above: all.length - below }, { observed, bound: noException })
}
