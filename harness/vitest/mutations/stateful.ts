import type { RecordOf } from '../../record/records.ts'
import { all, type JournalMutation, withAllChanged } from './mutation.ts'

/* Changes to what ran of StatefulSets, in the recording of a scenario that has one. */

type Listing = RecordOf<'containers'>

/** Another Node ran a container of the same pod name, as long as the first one did. */
export const sharedIdentity: JournalMutation = (records) => {
  const names = new Set(
    all(records, 'watch').flatMap(({ resource, name, object }) => {
      const { ownerReferences = [] } = object['metadata'] as { ownerReferences?: readonly { kind: string }[] }
      return resource === 'pods' && ownerReferences.some(({ kind }) => kind === 'StatefulSet') ? [name] : []
    }),
  )
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
