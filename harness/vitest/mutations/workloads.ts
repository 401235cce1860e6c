import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { type JournalMutation, withAllChanged } from './mutation.ts'

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
