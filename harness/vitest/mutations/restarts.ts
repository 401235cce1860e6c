import type { RecordOf } from '../../record/records.ts'
import { type JournalMutation, withAllChanged } from './mutation.ts'

/* Changes to what statuses report about restarted containers. */

interface Status {
  readonly restartCount?: number
  readonly containerID?: string
  readonly lastState?: { readonly terminated?: { readonly containerID?: string } }
}

function statuses({ object }: RecordOf<'watch'>): readonly Status[] {
  return (object['status'] as { containerStatuses?: readonly Status[] } | undefined)?.containerStatuses ?? []
}

const ofRestarts =
  (change: (status: Status) => Status): JournalMutation =>
  (records) =>
    withAllChanged(
      records,
      'watch',
      (record) => record.resource === 'pods' && statuses(record).some(({ restartCount = 0 }) => restartCount > 0),
      (record) => {
        const containerStatuses = statuses(record).map((one) => ((one.restartCount ?? 0) > 0 ? change(one) : one))
        return {
          ...record,
          object: { ...record.object, status: { ...(record.object['status'] as object), containerStatuses } },
        }
      },
    )

/** No restart is counted. */
export const uncountedRestarts = ofRestarts((status) => ({ ...status, restartCount: 0 }))

/** Every restart comes an hour after the container's end. */
export const slowRestarts = ofRestarts((status) => ({
  ...status,
  lastState: { terminated: { ...status.lastState?.terminated, finishedAt: '2000-01-01T00:00:00Z' } },
}))

/** Each Node runs each of its containers twice. */
export const doubledContainers: JournalMutation = (records) =>
  withAllChanged(
    records,
    'containers',
    ({ containers }) => containers.length > 0,
    (record) => ({
      ...record,
      containers: record.containers.flatMap((one) => [one, { ...one, id: `${one.id}-again` }]),
    }),
  )
