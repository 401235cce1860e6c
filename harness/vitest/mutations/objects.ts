import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, withChanged, withAllChanged, type JournalMutation, last, withoutChanges } from './mutation.ts'

/* Changes to the objects that the API reported, and to what the Nodes ran, in the recording of any scenario. */

type Watch = RecordOf<'watch'>

const specOf = ({ object }: Watch): Readonly<Record<string, unknown>> =>
  (object['spec'] ?? {}) as Record<string, unknown>
const statusOf = ({ object }: Watch): Readonly<Record<string, unknown>> =>
  (object['status'] ?? {}) as Record<string, unknown>
const withSpec = (record: Watch, spec: object): Watch => ({
  ...record,
  object: { ...record.object, spec: { ...specOf(record), ...spec } },
})
const withStatus = (record: Watch, status: object): Watch => ({
  ...record,
  object: { ...record.object, status: { ...statusOf(record), ...status } },
})
const isOf =
  (resource: string) =>
  (record: Watch): boolean =>
    record.resource === resource

/** The Node of a pod that the scheduler placed. */
function chosenNode(records: readonly JournalRecord[]): string {
  return last(records, 'audit', ({ subresource, code }) => subresource === 'binding' && code === 201).detail ?? ''
}

/** A Node that got a pod had been cordoned all the time. */
export const cordonedNode: JournalMutation = (records) => {
  const node = chosenNode(records)
  const fits = (record: Watch): boolean => isOf('nodes')(record) && record.name === node
  return withAllChanged(records, 'watch', fits, (record) => withSpec(record, { unschedulable: true }))
}

/** A pod requested more than its Node has. */
export const greedyPod: JournalMutation = (records) => {
  const { name } = last(records, 'audit', ({ subresource, code }) => subresource === 'binding' && code === 201)
  const fits = (record: Watch): boolean => isOf('pods')(record) && record.name === name
  const containers = [{ resources: { requests: { memory: '1Ei' } } }]
  return withAllChanged(records, 'watch', fits, (record) => withSpec(record, { containers }))
}

/** A kubelet stopped renewing its Lease in the middle of the scenario. */
export const silentKubelet: JournalMutation = (records) => {
  const [from = 0, until = 0] = all(records, 'scenario').map(({ at }) => at)
  const hit = new Set(all(records, 'fault').flatMap(({ target }) => target.machines))
  const isLease = (record: Watch): boolean => record.namespace === 'kube-node-lease' && !hit.has(record.name)
  const { name } = last(records, 'watch', isLease)
  const isLate = (record: Watch): boolean => isLease(record) && record.name === name && record.at > (from + until) / 2
  const { renewTime } = specOf(last(records, 'watch', (one) => isLease(one) && one.name === name && !isLate(one)))
  return withAllChanged(records, 'watch', isLate, (record) => withSpec(record, { renewTime }))
}

/** The slices of deleted Services were never deleted: neither a watch nor etcd reports it. */
export const keptSlices: JournalMutation = (records) => {
  const deleted = all(records, 'watch').filter(({ event }) => event === 'deleted')
  const services = new Set(deleted.filter(isOf('services')).map(({ uid }) => uid))
  const kept = deleted.filter((record) => {
    const { ownerReferences = [] } = record.object['metadata'] as { ownerReferences?: readonly { uid: string }[] }
    return isOf('endpointslices')(record) && ownerReferences.some(({ uid }) => services.has(uid))
  })
  return withoutChanges(records, kept)
}

/** The last listing of a Node's runtime with containers. */
function listing(records: readonly JournalRecord[]): RecordOf<'containers'> {
  const lost = new Set(all(records, 'fault').flatMap(({ target }) => target.machines))
  return last(records, 'containers', ({ machine, containers }) => containers.length > 0 && !lost.has(machine))
}

/** A Node ran a container of a pod that the API did not have. */
export const phantomPod: JournalMutation = (records) => {
  const one = listing(records)
  const [container] = one.containers
  if (!container) throw new Error('the listing has no container')
  return withChanged(records, one, { containers: [...one.containers, { ...container, id: 'phantom', pod: 'phantom' }] })
}

/** The containers of a Node had ended in its first listing, although their pods are reported as running. */
export const endedContainers: JournalMutation = (records) => {
  const { machine } = listing(records)
  const first = all(records, 'containers').find((one) => one.machine === machine && one.containers.length > 0)
  if (!first) throw new Error('the machine has no listing')
  return withChanged(records, first, {
    containers: [{ ...first.containers[0], id: 'other', pid: 1 }] as typeof first.containers,
  })
}

/** The status of a budget counts lost pods as healthy, until long after their loss. */
export const blindBudget: JournalMutation = (records) => {
  const end = last(records, 'scenario', ({ edge }) => edge === 'end')
  const longer = withChanged(records, end, { at: end.at + 60_000 })
  const counts = { currentHealthy: 99, disruptionsAllowed: 94 }
  return withAllChanged(longer, 'watch', isOf('poddisruptionbudgets'), (record) => withStatus(record, counts))
}

const stuckMs = 600_000

/** A terminating pod was removed ten minutes later, in a scenario that lasted longer. */
export const stuckPod: JournalMutation = (records) => {
  const isEnd = (record: JournalRecord): record is Watch =>
    record.kind === 'watch' && record.resource === 'pods' && record.event === 'deleted'
  const { uid, at } = last(records, 'watch', isEnd)
  const end = last(records, 'scenario', ({ edge }) => edge === 'end')
  const longer = withChanged(records, end, { at: end.at + stuckMs })
  return withAllChanged(
    longer,
    'watch',
    (record) => isEnd(record) && record.uid === uid,
    (record) => ({ ...record, at: at + stuckMs }),
  )
}
