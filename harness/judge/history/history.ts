/*
 * What clients of a versioned store did and were told, as plain values. A store counts its writes: each write that took
 * effect has a revision of its own, and an object carries the revision of its last write.
 */

/** How an operation came out for its client. Of `unknown` it may take effect at any time after its call, or never. */
export type Outcome = 'ok' | 'refused' | 'unknown'

/** What a refusal says of the object: it is there, it has another revision, it is not there. '' where it is no refusal. */
export type Refusal = '' | 'exists' | 'conflict' | 'absent'

/**
 * One operation on one object. Fields are always there, so that a million of them stay small. A `get` that found nothing
 * is `ok` at revision 0. Written values are never repeated and never ''.
 */
export interface Operation {
  readonly id: number
  readonly client: string
  readonly key: string
  readonly kind: 'create' | 'update' | 'patch' | 'delete' | 'get'
  /** When it was sent and when it was answered, milliseconds on one monotonic clock; Infinity where it never was. */
  readonly call: number
  readonly end: number
  readonly outcome: Outcome
  readonly refusal: Refusal
  /** The revision the object had to have; 0 for none. Clients take it from what this history was told. */
  readonly precondition: number
  /** What was written or read. */
  readonly value: string
  /** Of the write, or of the object read; 0 where it was not told. */
  readonly revision: number
}

/** Something that somebody asked or was told, to be drawn on that one's lane. Times are as of an operation. */
export interface Sight {
  readonly client: string
  readonly call: number
  readonly end: number
  readonly writes: boolean
  /** One of those that show what is broken; the others show what it is held against. */
  readonly shows: boolean
  readonly words: string
}

/** A rule that did not hold, in a sentence, and the operations that show it. */
export interface Violation {
  readonly rule: string
  readonly words: string
  readonly operations: readonly number[]
  /** All that has to be seen to see that it is broken; absent where that is no matter of who and when. */
  readonly sights?: readonly Sight[]
}

/** An object whose search ended without a result: how many configurations it explored, and how many it could. */
export interface Exhausted {
  readonly key: string
  readonly explored: number
  readonly budget: number
}

/** A history held against a rule. `undecided` (a search exhausted its budget) is never a pass. */
export type Check =
  | { readonly result: 'holds' }
  | { readonly result: 'violated'; readonly violations: readonly Violation[] }
  | { readonly result: 'undecided'; readonly exhausted: readonly Exhausted[] }

export const isWrite = ({ kind }: Operation): boolean => kind !== 'get'

/** Whether an operation says anything of the store: an unanswered read does not, nor does a refusal for another reason. */
export const tells = ({ kind, outcome, refusal }: Operation): boolean =>
  outcome === 'ok' || (outcome === 'unknown' ? kind !== 'get' : refusal !== '')

/** The operations of each object by itself: linearizability is local, a history is linearizable if each object's is. */
export function byKey(operations: readonly Operation[]): Map<string, Operation[]> {
  const keys = new Map<string, Operation[]>()
  for (const operation of operations) {
    const known = keys.get(operation.key)
    if (known) known.push(operation)
    else keys.set(operation.key, [operation])
  }
  return keys
}

export function sightOf(one: Operation, shows = true): Sight {
  const { client, call, end } = one
  return { client, call, end, writes: isWrite(one), shows, words: inWords(one) }
}

/** `update b=v7 if 12 by client3: ok at 15` */
export function inWords({ kind, key, value, precondition, client, outcome, refusal, revision }: Operation): string {
  const written = kind === 'get' || value === '' ? '' : `=${value}`
  const told = kind === 'get' && outcome === 'ok' ? (revision === 0 ? 'absent' : `${value} at ${revision}`) : outcome
  const more = outcome === 'refused' && refusal !== '' ? ` (${refusal})` : ''
  const at = kind !== 'get' && outcome === 'ok' && revision > 0 ? ` at ${revision}` : ''
  return `${kind} ${key}${written}${precondition > 0 ? ` if ${precondition}` : ''} by ${client}: ${told}${more}${at}`
}
