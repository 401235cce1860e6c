import type { RecordOf } from '../../record/records.ts'

/** What a client asks of one object. */
export interface Request {
  readonly operation: RecordOf<'operation'>['operation']
  readonly key: string
  /** The revision that the object has to have; 0 for none. */
  readonly precondition: number
  readonly value: string
}

/** What it was told, as the journal has it. */
export type Answer = Pick<RecordOf<'operation'>, 'outcome' | 'refusal' | 'revision' | 'value' | 'error'>

/** One way to the objects of a history: one API server, or one etcd member. */
export interface Store {
  readonly via: string
  readonly kind: RecordOf<'operation'>['store']
  /** Never throws: what went wrong is part of the answer. */
  carryOut(request: Request): Promise<Answer>
}

/** An answer that says nothing but that it can't have happened, or that nobody knows. */
export function failure(error: unknown): Answer {
  const { message, code } = error as { message?: string; code?: string }
  // Before there is a connection no request can have left.
  const unsent = code === 'ECONNREFUSED' || /ECONNREFUSED|before secure TLS connection/.test(message ?? '')
  return { outcome: unsent ? 'refused' : 'unknown', error: (message ?? String(error)).slice(0, 200) }
}
