import type { Operation } from '../history.ts'

/**
 * One object in a sequential store. `revision` is 0 while it is absent, and `unread` after a write whose revision no
 * client has received yet. Every later revision has to be above `floor`.
 */
export interface Register {
  readonly revision: number
  readonly value: string
  readonly floor: number
}

const unread = -1
export const absent: Register = { revision: 0, value: '', floor: 0 }

/**
 * Returns the object after an operation with the recorded answer, or undefined where that answer is impossible. An
 * operation of unknown outcome that the store would have refused changes nothing.
 */
export function step(state: Register, operation: Operation): Register | undefined {
  const after = operation.outcome === 'refused' ? refused(state, operation) : accepted(state, operation)
  return after ?? (operation.outcome === 'unknown' ? state : undefined)
}

function accepted(state: Register, { kind, precondition, revision, value }: Operation): Register | undefined {
  if (kind === 'get') return read(state, revision, value)
  if ((state.revision === 0) !== (kind === 'create')) return undefined
  if (precondition > 0 && state.revision !== precondition) return undefined
  if (revision > 0 && revision <= state.floor) return undefined
  const floor = Math.max(state.floor, revision)
  if (kind === 'delete') return { revision: 0, value: '', floor }
  return { revision: revision > 0 ? revision : unread, value, floor }
}

function read(state: Register, revision: number, value: string): Register | undefined {
  if (revision === 0) return state.revision === 0 ? state : undefined
  if (value !== state.value) return undefined
  if (state.revision === revision) return state
  return state.revision === unread && revision > state.floor ? { revision, value, floor: revision } : undefined
}

/** A refusal for another reason ('') is no evidence about the object. */
function refused(state: Register, { refusal, precondition }: Operation): Register | undefined {
  const there = state.revision !== 0
  const fits =
    refusal === '' ||
    (refusal === 'absent' && !there) ||
    (refusal === 'exists' && there) ||
    (refusal === 'conflict' && there && state.revision !== precondition)
  return fits ? state : undefined
}

export const sameRegister = (a: Register, b: Register): boolean =>
  a.revision === b.revision && a.value === b.value && a.floor === b.floor
