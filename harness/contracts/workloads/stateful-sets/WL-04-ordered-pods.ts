import { defineContract, type Finding } from '../../../judge/contract.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import { span } from '../../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { noException } from '../../bounds.ts'
import { isDeletedByController } from './pod-deleters.ts'
import { isRunningAndReady, type SetPod, type SetWithPods, setsWithPods, stateBefore } from './set-pods.ts'
import { statesKnown } from './states-known.ts'
import type { Version } from '../../../judge/recording/object-history.ts'
import type { Pod } from '../../../judge/recording/kubernetes-objects.ts'

/** A pod that the controller created after others, or deleted before others. */
interface Step extends SetWithPods {
  readonly action: 'create' | 'delete'
  readonly pod: SetPod
  readonly version: Version<Pod>
}

interface OutOfOrder {
  readonly pod: string
  readonly other: string
}

const found = findings({
  CREATED_OUT_OF_ORDER: ({ pod, other }: OutOfOrder) =>
    `The controller created ${pod} while ${other} was not Running and Ready.`,
  DELETED_OUT_OF_ORDER: ({ pod, other }: OutOfOrder) =>
    `The controller deleted ${pod} in a scale-down while ${other} still existed.`,
  IN_ORDER: ({ created, deleted }: { readonly created: number; readonly deleted: number }) =>
    `Each of ${counted(created, 'pod')} was created after its predecessors were Running and Ready, and each of ${counted(deleted, 'pod')} was deleted after its successors were gone.`,
})

/** WL-04. Sets with podManagementPolicy Parallel have no order. */
export const orderedPods = defineContract<Step>({
  id: 'WL-04',
  area: 'workloads',
  promise:
    'An ordered StatefulSet creates a pod after its predecessors are Running and Ready, and in a scale-down deletes it after its successors are gone.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees',
  stimulus: {
    needs: 'an ordered StatefulSet that creates a pod after others, or is scaled down by several pods',
    find,
  },
  judge: (recording, all) => gravest(all, (step) => inOrder(recording, step, all)),
})

function find(recording: Recording): Step[] {
  const { from } = span(recording)
  return setsWithPods(recording)
    .filter(({ set }) => set.versions[0]?.object.spec.podManagementPolicy === 'OrderedReady')
    .flatMap((own) => own.pods.flatMap((pod) => [...creation(own, pod), ...removal(recording, own, pod)]))
    .filter(({ version }) => version.at >= from)
}

function creation(own: SetWithPods, pod: SetPod): Step[] {
  const [version] = pod.life.versions
  const start = own.set.versions[0]?.object.spec.ordinals.start ?? 0
  if (!version || pod.life.listed || pod.ordinal <= start) return []
  return [{ ...own, action: 'create', pod, version }]
}

function removal(recording: Recording, own: SetWithPods, pod: SetPod): Step[] {
  const version = pod.life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
  if (!version) return []
  const spec = stateBefore(own.set, version.resourceVersion)?.object.spec
  const isSurplus = spec !== undefined && pod.ordinal >= spec.ordinals.start + spec.replicas
  const isLast = !own.pods.some(({ ordinal }) => ordinal > pod.ordinal)
  if (!isSurplus || isLast || !isDeletedByController(recording, pod.life, version.at)) return []
  return [{ ...own, action: 'delete', pod, version }]
}

/** @throws InconclusiveError NOT_WATCHED, HOST_NOISE */
function inOrder(recording: Recording, step: Step, all: readonly Step[]): Finding {
  const { pod, version, action } = step
  const other = action === 'create' ? unreadyPredecessor(recording, step) : livingSuccessor(step)
  const name = `${pod.life.namespace}/${pod.life.name}`
  const values = { pod: name, other: other?.name ?? '' }
  const details = { bound: noException, evidence: [version.record, ...(other ? [other.record] : [])] }
  if (other && action === 'create') {
    return found.fail('CREATED_OUT_OF_ORDER', values, {
      ...details,
      observed: 'created before a predecessor was Ready',
    })
  }
  if (other) return found.fail('DELETED_OUT_OF_ORDER', values, { ...details, observed: 'deleted before a successor' })
  const created = all.filter((one) => one.action === 'create').length
  const observed = `${counted(created, 'creation')} and ${counted(all.length - created, 'deletion')} in order`
  return found.pass('IN_ORDER', { created, deleted: all.length - created }, { observed, bound: noException })
}

interface Other {
  readonly name: string
  readonly record: Version<Pod>['record']
}

function unreadyPredecessor(recording: Recording, { set, pods, pod, version }: Step): Other | undefined {
  const start = stateBefore(set, version.resourceVersion)?.object.spec.ordinals.start ?? 0
  for (let ordinal = start; ordinal < pod.ordinal; ordinal++) {
    const lives = pods.filter((one) => one.ordinal === ordinal).map(({ life }) => life)
    const states = lives.flatMap((life) => statesKnown(recording, life, version))
    if (states.some(({ object }) => isRunningAndReady(object))) continue
    requireWatched(recording, 'pods', states[0]?.at ?? version.at, version.at)
    return { name: `${set.name}-${ordinal}`, record: states.at(-1)?.record ?? version.record }
  }
  return undefined
}

/** The controller decides on earlier states: a successor that existed at the revision of the deletion was not gone. */
function livingSuccessor({ pods, pod, version }: Step): Other | undefined {
  for (const { ordinal, life } of pods) {
    const state = ordinal > pod.ordinal ? stateBefore(life, version.resourceVersion) : undefined
    if (state) return { name: life.name, record: state.record }
  }
  return undefined
}
