import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, type JournalMutation, last, withAllChanged, withChanged } from './mutation.ts'

/* Changes to Nodes that sent no heartbeat, and to their pods. */

type Watch = RecordOf<'watch'>

const spec = ({ object }: Watch): Readonly<Record<string, unknown>> => (object['spec'] ?? {}) as Record<string, unknown>
const status = ({ object }: Watch): { readonly conditions?: readonly object[] } => object['status'] ?? {}
const metadata = ({ object }: Watch): Readonly<Record<string, unknown>> =>
  (object['metadata'] ?? {}) as Record<string, unknown>

const isPod = (record: Watch): boolean => record.resource === 'pods'
const isNode = (record: Watch): boolean => record.resource === 'nodes'
const isEvicted = (record: Watch): boolean =>
  isPod(record) && JSON.stringify(record.object).includes('DeletionByTaintManager')

const nodeOf = (record: Watch): string => spec(record)['nodeName'] as string

function taintsOf(record: Watch): readonly { readonly key: string; readonly effect: string }[] {
  return (spec(record)['taints'] ?? []) as readonly { key: string; effect: string }[]
}

const isTainted = (record: Watch, key: string): boolean =>
  isNode(record) && taintsOf(record).some((taint) => taint.key === key && taint.effect === 'NoExecute')

const unreachable = 'node.kubernetes.io/unreachable'
const outOfService = 'node.kubernetes.io/out-of-service'

/** The pods that were evicted from an unreachable Node tolerated its taint for longer. */
export const longerTolerations: JournalMutation = (records) => {
  const uids = new Set(
    all(records, 'watch')
      .filter(isEvicted)
      .map(({ uid }) => uid),
  )
  const tolerations = [{ key: unreachable, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3_600 }]
  return withAllChanged(
    records,
    'watch',
    (record) => uids.has(record.uid),
    (record) => ({ ...record, object: { ...record.object, spec: { ...spec(record), tolerations } } }),
  )
}

/** A pod that stayed on a Node that returned was evicted all the same. */
export const evictedAfterReturn: JournalMutation = (records) => {
  const watches = all(records, 'watch')
  const tainted = watches.filter((record) => isTainted(record, unreachable))
  const nodes = new Set(tainted.map(({ name }) => name))
  const gone = new Set(
    watches.filter((record) => metadata(record)['deletionTimestamp'] !== undefined).map(({ uid }) => uid),
  )
  const { at: until } = last(records, 'watch', isPod)
  const isLeft = (record: Watch): boolean => {
    const node = spec(record)['nodeName'] as string
    const isReturned = tainted.every((one) => one.name !== node || one.at < record.at)
    const isOld = watches.some(
      ({ uid, at }) => uid === record.uid && tainted.some((one) => one.name === node && one.at > at),
    )
    return isPod(record) && nodes.has(node) && isReturned && isOld && !gone.has(record.uid) && record.at <= until
  }
  const { uid, resourceVersion } = last(records, 'watch', isLeft)
  const mark = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }
  return withAllChanged(
    records,
    'watch',
    (record) => record.uid === uid && record.resourceVersion === resourceVersion,
    (record) => ({
      ...record,
      object: {
        ...record.object,
        metadata: { ...metadata(record), deletionTimestamp: '2026-01-01T00:00:00Z' },
        status: { ...status(record), conditions: [...(status(record).conditions ?? []), mark] },
      },
    }),
  )
}

/** A controller removed an evicted pod at once, without its kubelet. */
export const removedByController: JournalMutation = (records) => {
  const deletions = all(records, 'audit').filter(
    ({ verb, resource, code }) => verb === 'delete' && resource === 'pods' && code === 200,
  )
  const isConfirmed = (pod: Watch): boolean =>
    deletions.some(
      ({ name, user, at }) => name === pod.name && user === `system:node:${String(nodeOf(pod))}` && at < pod.at,
    )
  const isEnd = (record: Watch): boolean => isEvicted(record) && record.event === 'deleted' && isConfirmed(record)
  const { uid, name } = last(records, 'watch', isEnd)
  const requested = all(records, 'watch').find(
    (record) => record.uid === uid && metadata(record)['deletionTimestamp'] !== undefined,
  )
  const at = (requested?.at ?? 0) + 100
  const user = 'system:serviceaccount:kube-system:pod-garbage-collector'
  const early = withAllChanged(
    records,
    'watch',
    (record) => isEnd(record) && record.uid === uid,
    (record) => ({ ...record, at }),
  )
  return withAllChanged(
    early,
    'audit',
    (record) => record.verb === 'delete' && record.name === name,
    (record) => ({ ...record, user }),
  )
}

/** The node controller tainted every Node for eviction at the same time. */
export const hurriedTaints: JournalMutation = (records) => {
  const { at } = last(records, 'watch', (record) => isTainted(record, unreachable))
  const first = all(records, 'watch').find((record) => isTainted(record, unreachable))?.at ?? at
  return withAllChanged(
    records,
    'watch',
    (record) => isTainted(record, unreachable) && record.at < first + 15_000,
    (record) => ({ ...record, at: first }),
  )
}

const longerMs = 600_000

/** The pods of a Node out of service were removed ten minutes later, in a scenario that lasted longer. */
export const keptOutOfService: JournalMutation = (records) => {
  const node = last(records, 'watch', (record) => isTainted(record, outOfService))
  const isOn = (record: Watch): boolean => isPod(record) && spec(record)['nodeName'] === node.name
  const isLate = (record: Watch): boolean =>
    record.at > node.at &&
    ((isNode(record) && record.name === node.name && !isTainted(record, outOfService)) ||
      (isOn(record) && record.event === 'deleted'))
  const end = last(records, 'scenario', ({ edge }) => edge === 'end')
  const longer = withChanged(records, end, { at: end.at + longerMs })
  return withAllChanged(longer, 'watch', isLate, (record) => ({ ...record, at: record.at + longerMs }))
}

/** The pods of a deleted Node were removed without being marked as failed. */
export const unmarkedOrphans: JournalMutation = (records) => {
  const isOrphan = (record: Watch): boolean =>
    isPod(record) && JSON.stringify(record.object).includes('DeletionByPodGC')
  return withAllChanged(records, 'watch', isOrphan, (record) => ({
    ...record,
    object: { ...record.object, status: { ...status(record), phase: 'Running', conditions: [] } },
  }))
}

/** A container ended while the kubelet of its Node was dead. */
export const endedWithKubelet: JournalMutation = (records) => {
  const edges = all(records, 'fault').filter(({ target }) => target.component === 'kubelet')
  const machines = new Set(edges.flatMap(({ target }) => target.machines))
  const [from = 0, until = 0] = [
    edges.find(({ edge }) => edge === 'injected'),
    edges.find(({ edge }) => edge === 'healed'),
  ].map((record: JournalRecord | undefined) => record?.at ?? 0)
  return withAllChanged(
    records,
    'containers',
    ({ machine, at }) => machines.has(machine) && from <= at && at < until,
    (record) => ({ ...record, containers: [] }),
  )
}
