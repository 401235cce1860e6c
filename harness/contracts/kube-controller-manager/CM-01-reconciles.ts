import { audited } from '../../judge/recording/audited.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { reconcile } from '../bounds.ts'
import { creations } from './pod-requests.ts'
import { type Deviation, deviations } from './replica-deviations.ts'
import { unableTimes } from './unable-times.ts'

interface Replicas {
  readonly kind: string
  readonly name: string
  readonly wanted: number
  readonly actual: number
  readonly afterMs: number
}
type Corrected = Replicas & { readonly deviations: number }

const found = findings({
  PODS_WITHOUT_REQUEST: ({ namespace, pods, requests, others }: Unrequested) =>
    `${counted(pods, 'pod')} of ReplicaSets appeared in ${namespace}; the audit log has ${counted(requests, 'create request')} of the ReplicaSet controller${others.length > 0 ? `, and others of ${listed(others)}` : ''}.`,
  NOT_RECONCILED: ({ kind, name, wanted, actual, afterMs }: Replicas) =>
    `The ${kind} ${name} wanted ${counted(wanted, 'replica')} for ${duration(afterMs)} and had ${actual}.`,
  RECONCILED: ({ kind, name, afterMs, deviations: count }: Corrected) =>
    `Controllers corrected ${counted(count, 'deviation')} through the API, the slowest of the ${kind} ${name} within ${duration(afterMs)}.`,
  RECONCILED_LATE: ({ kind, name, wanted, actual, afterMs }: Corrected) =>
    `The ${kind} ${name} wanted ${counted(wanted, 'replica')} and had ${actual} for ${duration(afterMs)}.`,
})

interface Unrequested {
  readonly namespace: string
  readonly pods: number
  readonly requests: number
  readonly others: readonly string[]
}

export const reconciles = defineContract<Deviation>({
  id: 'CM-01',
  area: 'kube-controller-manager',
  promise: 'Controllers bring the actual number of replicas to the wanted number, and only through the API.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/controller/',
  stimulus: { needs: 'a Deployment or ReplicaSet with fewer or more replicas than it wants', find: deviations },
  judge: (recording, all) => unrequested(recording) ?? gravest(all, (deviation) => corrected(deviation, all.length)),
})

/** @throws InconclusiveError NOT_AUDITED where a lost part of an audit log may hold the missing requests */
function unrequested(recording: Recording): Finding | undefined {
  const without = creations(recording, unableTimes(recording, 'kube-controller-manager')).find(
    ({ pods, own }) => own.length < pods.length,
  )
  if (!without) return undefined
  audited(recording)
  const { namespace, pods, own, others } = without
  const users = [...new Set(others.map(({ user }) => user))]
  return found.fail(
    'PODS_WITHOUT_REQUEST',
    { namespace, pods: pods.length, requests: own.length, others: users },
    {
      observed: `${pods.length - own.length} pods without a request of the controller`,
      evidence: [...pods.flatMap(({ versions }) => versions[0]?.record ?? []), ...others],
    },
  )
}

function corrected(deviation: Deviation, count: number): Finding {
  const { kind, namespace, wanted, actual, afterMs, from, records } = deviation
  const name = `${namespace}/${deviation.name}`
  const values = { kind, name, wanted, actual, afterMs }
  const details = { moments: [{ at: from, label: `${name} deviates` }], evidence: records }
  if (!deviation.corrected) {
    const observed = `${actual} of ${wanted} replicas`
    return found.fail('NOT_RECONCILED', values, { ...details, observed, measured: afterMs, bound: reconcile })
  }
  return found.timed(
    { pass: 'RECONCILED', late: 'RECONCILED_LATE' },
    { ...values, deviations: count },
    afterMs,
    reconcile,
    { ...details, observed: `${counted(count, 'deviation')}, the longest ${duration(afterMs)}` },
  )
}
