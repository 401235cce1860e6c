import type { RecordOf } from '../../record/records.ts'
import { all, type JournalMutation, withAllChanged, withoutChanges } from './mutation.ts'

/* Changes to what ran of StatefulSets, in the recording of a scenario that has one. */

type Listing = RecordOf<'containers'>

/** Another Node ran a container of the same pod name, as long as the first one did. */
export const sharedIdentity: JournalMutation = (records) => {
  const names = new Set(all(records, 'watch').flatMap((record) => (isSetPod(record) ? [record.name] : [])))
  const first = all(records, 'containers').find(({ containers }) => containers.some(({ pod }) => names.has(pod)))
  const container = first?.containers.find(({ pod }) => names.has(pod))
  const other = all(records, 'containers').find(({ machine }) => machine !== first?.machine)?.machine
  if (!container) throw new Error('no pod of a StatefulSet was listed')
  const fits = ({ machine }: Listing): boolean => machine === other
  return withAllChanged(records, 'containers', fits, (one) => ({
    ...one,
    containers: [...one.containers, { ...container, id: 'second' }],
  }))
}

type Watch = RecordOf<'watch'>

const ordinalOf = ({ name }: Watch): number => Number(name.split('-').at(-1))
const isSetPod = (record: Watch): boolean => {
  const { ownerReferences = [] } = record.object['metadata'] as { ownerReferences?: readonly { kind: string }[] }
  return record.resource === 'pods' && ownerReferences.some(({ kind }) => kind === 'StatefulSet')
}
const within = (record: Watch, field: string, change: object): Watch => ({
  ...record,
  object: { ...record.object, [field]: { ...(record.object[field] as object), ...change } },
})

/** The pods with the first ordinal of each set were never Ready. */
export const unreadyFirstPod: JournalMutation = (records) => {
  const conditions = [{ type: 'Ready', status: 'False' }]
  const isFirst = (record: Watch): boolean => isSetPod(record) && ordinalOf(record) === 0
  return withAllChanged(records, 'watch', isFirst, (record) => within(record, 'status', { conditions }))
}

/** The pod with the last ordinal was never removed. */
export const lastPodStays: JournalMutation = (records) => {
  const pods = all(records, 'watch').filter(isSetPod)
  const last = Math.max(...pods.map(ordinalOf))
  return withoutChanges(
    records,
    pods.filter((record) => record.event === 'deleted' && ordinalOf(record) === last),
  )
}

/** A pod below the partition that was created again got the new revision. */
export const updatedBelow: JournalMutation = (records) => {
  const sets = all(records, 'watch').filter(({ resource }) => resource === 'statefulsets')
  const { updateRevision } = sets.map(({ object }) => object['status'] as { updateRevision?: string }).at(-1) ?? {}
  const first = new Set(
    all(records, 'watch').flatMap((one) => (isSetPod(one) && ordinalOf(one) === 0 ? [one.uid] : [])),
  )
  const again = [...first].slice(1)
  const isAgain = (record: Watch): boolean => again.includes(record.uid)
  return withAllChanged(records, 'watch', isAgain, (record) => {
    const { labels } = record.object['metadata'] as { labels: object }
    return within(record, 'metadata', { labels: { ...labels, 'controller-revision-hash': updateRevision } })
  })
}

/** All volumes were on a Node that no pod has. */
export const movedVolumes: JournalMutation = (records) => {
  const isVolume = ({ resource }: Watch): boolean => resource === 'persistentvolumes'
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['elsewhere'] }]
  const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions }] } }
  return withAllChanged(records, 'watch', isVolume, (record) => within(record, 'spec', { nodeAffinity }))
}
