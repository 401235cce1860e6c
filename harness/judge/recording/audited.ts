import type { RecordOf } from '../../record/records.ts'
import { overlaps } from '../faults/fault-windows.ts'
import type { Recording } from './recording.ts'
import { span } from './cluster-facts.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import { duration } from '../verdict/format.ts'

/**
 * The answers of the API servers, from their audit logs. @throws InconclusiveError where a part of a log was lost: it
 * may hold the missing request
 */
export function audited(recording: Recording): readonly RecordOf<'audit'>[] {
  const time = span(recording)
  const lost = recording
    .of('gap')
    .find(({ resource, at, until }) => resource === 'audit' && overlaps(time, { from: at, until }))
  if (!lost) return recording.of('audit')
  throw new InconclusiveError(
    `The audit log of ${lost.source} was not followed for ${duration(lost.until - lost.at)}: ${lost.reason}.`,
    'NOT_AUDITED',
  )
}
