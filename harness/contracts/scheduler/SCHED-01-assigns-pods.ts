import { audited } from '../../judge/recording/audited.ts'
import { type Binding, bindingRequests, schedulerUser } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { hasCondition, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { podStart } from '../bounds.ts'
import { type Placement, placements } from './placements.ts'

interface Waited {
  readonly pod: string
  readonly afterMs: number
}

const found = findings({
  BOUND_BY_ANOTHER: ({ bindings }: { readonly bindings: readonly string[] }) =>
    `${listed(bindings)}; only the scheduler may bind pods.`,
  NOT_PLACED: ({ pod, afterMs }: Waited) =>
    `${pod} had no Node after ${duration(afterMs)}, and its condition gives no documented reason.`,
  PLACED_WITHOUT_BINDING: ({ pod, node }: { readonly pod: string; readonly node: string }) =>
    `${pod} was placed on ${node}; the audit log has no granted binding for it.`,
  CONDITION_MISSING: ({ pod }: { readonly pod: string }) =>
    `${pod} has a Node and never had the condition PodScheduled.`,
  PLACED: ({ pods, pod, afterMs, declined }: Placed) =>
    `The scheduler decided on ${counted(pods, 'pod')}, ${declined} of which fit no Node; the slowest was ${pod} after ${duration(afterMs)}.`,
  PLACED_LATE: ({ pod, afterMs }: Placed) =>
    `The scheduler decided on ${pod} ${duration(afterMs)} after it could be placed.`,
})

interface Placed extends Waited {
  readonly pods: number
  readonly declined: number
}

/** SCHED-02 judges times without a scheduler. */
export const assignsPods = defineContract<Placement>({
  id: 'SCHED-01',
  area: 'scheduler',
  promise:
    'The scheduler binds every pod without a Node to one through the API, or reports why no Node fits; no other client binds pods.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
  stimulus: { needs: 'a pod that is created without a Node', find: placements },
  judge(recording, all) {
    const requests = bindingRequests(recording)
    return (
      boundByAnother(recording, requests) ?? gravest(all, (placement) => decided(recording, placement, requests, all))
    )
  },
})

function boundByAnother(recording: Recording, requests: readonly Binding[]): Finding | undefined {
  const { from, until } = span(recording)
  const foreign = requests.filter(({ bound, user, namespace, pod, at }) => {
    const target = objects(recording, 'pods').named(namespace, pod).at(-1)?.versions[0]?.object
    const usesDefaultScheduler = target === undefined || target.spec.schedulerName === 'default-scheduler'
    return bound && user !== schedulerUser && usesDefaultScheduler && from <= at && at <= until
  })
  if (foreign.length === 0) return undefined
  return found.fail(
    'BOUND_BY_ANOTHER',
    { bindings: foreign.map(({ user, pod, node }) => `${user} bound ${pod} to ${node}`) },
    {
      observed: `${counted(foreign.length, 'binding')} by another client`,
      evidence: foreign.map(({ record }) => record),
    },
  )
}

function decided(
  recording: Recording,
  { life, placed, declined, afterMs, disturbed }: Placement,
  requests: readonly Binding[],
  all: readonly Placement[],
): Finding {
  const { name: pod, namespace, versions } = life
  const born = versions.slice(0, 1).map(({ record }) => record)
  const node = placed?.object.spec.nodeName ?? ''
  if (!placed && !declined) {
    const details = { observed: 'a pod without a Node', measured: afterMs, bound: podStart, evidence: born }
    return found.fail('NOT_PLACED', { pod, afterMs }, details)
  }
  const granted = requests.find(
    (one) => one.bound && one.namespace === namespace && one.pod === pod && one.node === node,
  )
  if (placed && !granted && !disturbed) {
    audited(recording)
    const details = { observed: 'a pod placed without a binding', evidence: [placed.record] }
    return found.fail('PLACED_WITHOUT_BINDING', { pod, node }, details)
  }
  if (placed && !life.first((one) => hasCondition(one, 'PodScheduled', 'True'), placed.at)) {
    return found.fail('CONDITION_MISSING', { pod }, { observed: 'no PodScheduled', evidence: [placed.record] })
  }
  return found.timed(
    { pass: 'PLACED', late: 'PLACED_LATE' },
    { pods: all.length, declined: all.filter((one) => one.declined).length, pod, afterMs },
    afterMs,
    podStart,
    {
      observed: `${counted(all.length, 'pod')}, the slowest after ${duration(afterMs)}`,
      evidence: [...born, ...(granted ? [granted.record] : [])],
    },
  )
}
