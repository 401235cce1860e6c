import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, type JournalMutation, last, withAllChanged } from './mutation.ts'

/* Changes to workloads and what their controllers reported, in the recording of a scenario with rollouts and Jobs. */

type Watch = RecordOf<'watch'>

function withPart(record: Watch, part: 'spec' | 'status' | 'metadata', change: object): Watch {
  const own = record.object[part] as object
  return { ...record, object: { ...record.object, [part]: { ...own, ...change } } }
}

const isOf =
  (resource: string, name?: string) =>
  (record: Watch): boolean =>
    record.resource === resource && (name === undefined || record.name === name)

/** The strategy of the Deployments that are updated allowed less than what happened. */
export function stricterStrategy(change: {
  readonly maxSurge?: number
  readonly maxUnavailable?: number
}): JournalMutation {
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 1, ...change }
  return (records: readonly JournalRecord[]) =>
    withAllChanged(records, 'watch', isOf('deployments'), (record) =>
      withPart(record, 'spec', { strategy: { type: 'RollingUpdate', rollingUpdate } }),
    )
}

/** A Job counts one completion more than its pods reached. */
export const inflatedCompletions: JournalMutation = (records) =>
  withAllChanged(records, 'watch', isOf('jobs'), (record) => {
    const { succeeded = 0 } = record.object['status'] as { readonly succeeded?: number }
    return succeeded === 0 ? record : withPart(record, 'status', { succeeded: succeeded + 1 })
  })

/** No retry of a failed pod was allowed. */
export const noRetries: JournalMutation = (records) =>
  withAllChanged(records, 'watch', isOf('jobs'), (record) => withPart(record, 'spec', { backoffLimit: 0 }))

/** The pod that followed when the last fault of a controller manager had ended. */
function lastReplacement(records: readonly JournalRecord[]): Watch {
  const { at } = last(records, 'fault', ({ edge, target }) => edge === 'healed' && target.component === kcm)
  const found = all(records, 'watch').find((one) => isOf('pods')(one) && one.event === 'added' && one.at > at)
  if (!found) throw new Error('no pod followed the return of a controller manager')
  return found
}
const kcm = 'kube-controller-manager'

/** The replacement of a pod was created while no controller manager ran. */
export const replacedEarly: JournalMutation = (records) => {
  const { uid } = lastReplacement(records)
  const edgeAt = (wanted: string): number =>
    last(records, 'fault', ({ edge, target }) => edge === wanted && target.component === kcm).at
  const at = (edgeAt('injected') + edgeAt('healed')) / 2
  const isAdded = (record: Watch): boolean => record.uid === uid && record.event === 'added'
  return withAllChanged(records, 'watch', isAdded, (record) => ({ ...record, at }))
}

/** Two pods replaced a lost one, and both stayed. */
export const replacedTwice: JournalMutation = (records) => {
  const pod = lastReplacement(records)
  const second = { ...pod, uid: `${pod.uid}-2`, name: `${pod.name}-2` }
  return records.flatMap((record): JournalRecord[] => (record === pod ? [pod, second] : [record]))
}

/** The controller manager that was killed kept the Lease. */
export const noSuccessor: JournalMutation = (records) => {
  const isLease = (record: Watch): boolean => isOf('leases', kcm)(record)
  const holderOf = ({ object }: Watch): unknown => (object['spec'] as { holderIdentity?: string }).holderIdentity
  const killed = all(records, 'fault').find(({ edge, target }) => edge === 'injected' && target.component === kcm)
  const held = all(records, 'watch').findLast((one) => isLease(one) && one.at <= (killed?.at ?? -Infinity))
  if (!held) throw new Error('the recording has no leading controller manager that was killed')
  const isLate = (record: Watch): boolean => isLease(record) && record.at > held.at
  return withAllChanged(records, 'watch', isLate, (record) =>
    withPart(record, 'spec', { holderIdentity: holderOf(held) }),
  )
}

/** A controller created one pod of the new version twice after it took over, and both stayed. */
export const createdTwice: JournalMutation = (records) => {
  const { at } = last(records, 'fault', ({ edge, target }) => edge === 'healed' && target.component === kcm)
  const isLate = (record: Watch): boolean => isOf('pods')(record) && record.event === 'added' && record.at < at
  const pod = last(records, 'watch', (one) => isLate(one) && isOfSet(one))
  const second = { ...pod, uid: `${pod.uid}-2`, name: `${pod.name}-2` }
  return records.flatMap((record): JournalRecord[] => (record === pod ? [pod, second] : [record]))
}

function isOfSet({ object }: Watch): boolean {
  const { ownerReferences = [] } = object['metadata'] as { ownerReferences?: readonly { kind: string }[] }
  return ownerReferences.some(({ kind }) => kind === 'ReplicaSet')
}

/** An object with a finalizer was removed long before a client removed the finalizer. */
export const ignoredFinalizer: JournalMutation = (records) => {
  const isHeld = (record: Watch): boolean => {
    const { deletionTimestamp, finalizers } = record.object['metadata'] as Readonly<Record<string, unknown>>
    return isOf('deployments')(record) && deletionTimestamp !== undefined && finalizers !== undefined
  }
  const removed = all(records, 'watch').find((one) => isHeld(one) && one.event === 'deleted')
  const requested = all(records, 'watch').find((one) => isHeld(one) && one.uid === removed?.uid)
  if (!removed || !requested) throw new Error('no finalizer postponed a deletion')
  const at = (requested.at + removed.at) / 2
  const isRemoval = (record: Watch): boolean => record.uid === removed.uid && record.event === 'deleted'
  return withAllChanged(records, 'watch', isRemoval, (record) => ({ ...record, at }))
}

/** The deadline of the rollouts was ten minutes. */
export const longDeadline: JournalMutation = (records) =>
  withAllChanged(records, 'watch', isOf('deployments'), (record) =>
    withPart(record, 'spec', { progressDeadlineSeconds: 600 }),
  )

/** After the deadline of a rollout had passed, the controller scaled its old ReplicaSet up. */
export const rolledBack: JournalMutation = (records) => {
  const isPassed = ({ object }: Watch): boolean => JSON.stringify(object['status'] ?? {}).includes('DeadlineExceeded')
  const passed = all(records, 'watch').find((one) => isOf('deployments')(one) && isPassed(one))
  if (!passed) throw new Error('no status reports a passed deadline')
  const isOwn = ({ object }: Watch): boolean => JSON.stringify(object['metadata']).includes(passed.uid)
  const sets = all(records, 'watch').filter((one) => isOf('replicasets')(one) && isOwn(one) && one.at <= passed.at)
  const old = sets.findLast(({ uid }) => uid === sets[0]?.uid)
  if (!old) throw new Error('the Deployment has no old ReplicaSet')
  const { resourceVersion } = passed
  const scaled = {
    ...withPart(old, 'spec', { replicas: 99 }),
    event: 'modified',
    at: passed.at,
    resourceVersion,
  } as const
  return records.flatMap((record): JournalRecord[] => (record === passed ? [passed, scaled] : [record]))
}
