import { errorMessage } from '../../common/error-message.mjs'
import type { RecordOf } from '../../record/records.ts'

/** A client's request for one object. */
export interface Request {
  readonly operation: RecordOf<'operation'>['operation']
  readonly key: string
  /** The revision that the object has to have; 0 for none. */
  readonly precondition: number
  readonly value: string
}

/** The store's answer, as recorded. */
export type Answer = Pick<RecordOf<'operation'>, 'outcome' | 'refusal' | 'revision' | 'value' | 'error'>

/** One way to the objects of a history: one API server, or one etcd member. */
export interface Store {
  readonly via: string
  readonly kind: RecordOf<'operation'>['store']
  /** Never throws: an error is part of the answer. */
  carryOut(request: Request): Promise<Answer>
}

/** The answer for an error: refused where the request can't have been sent, else unknown. */
export function failure(error: unknown): Answer {
  const { message, code } = error as { message?: string; code?: string }
  // No request is sent before there is a connection.
  const unsent = code === 'ECONNREFUSED' || /ECONNREFUSED|before secure TLS connection/.test(message ?? '')
  return { outcome: unsent ? 'refused' : 'unknown', error: errorMessage(error).slice(0, 200) }
}
