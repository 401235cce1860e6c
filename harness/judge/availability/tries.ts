import type { RecordOf } from '../../record/records.ts'
import type { Try } from './availability.ts'

/** The kernel answers these by itself: a process that waits for a processor does not explain them. */
const hard: readonly RecordOf<'attempt'>['errorClass'][] = ['refused', 'unreachable', 'wrong-answer']

/** Attempts as tries. Left out: those that the prober itself could not make. */
export function attemptsAsTries(attempts: readonly RecordOf<'attempt'>[]): Try[] {
  return attempts.flatMap((record) => {
    const { at, sentAt = at, endedAt, ok, errorClass, protocol } = record
    if (errorClass === 'rig' || errorClass === 'blocked') return []
    const soft = !hard.includes(errorClass) && !(protocol === 'tcp' && errorClass === 'no-connection')
    return [{ at: sentAt, endedAt, ok, soft, record }]
  })
}
