/*
 * The requests to a versioned store and its answers, as plain values. A store counts its writes: each write that took
 * effect has a revision of its own, and an object carries the revision of its last write.
 */

/**
 * The outcome of an operation for its client. An `unknown` operation may take effect at any time after its call, or
 * never.
 */
export type Outcome = 'ok' | 'refused' | 'unknown'

/**
 * The state of the object according to a refusal: it exists, it has another revision, it does not exist. '' where it is
 * not a refusal.
 */
export type Refusal = '' | 'exists' | 'conflict' | 'absent'

/**
 * One operation on one object. All fields are always present, which saves memory with a million operations. A `get` of
 * an absent object is `ok` at revision 0. Written values are never repeated and never ''.
 */
export interface Operation {
  readonly id: number
  readonly client: string
  readonly key: string
  readonly kind: 'create' | 'update' | 'patch' | 'delete' | 'get'
  /** When it was sent and when it was answered, milliseconds on one monotonic clock; Infinity without an answer. */
  readonly call: number
  readonly end: number
  readonly outcome: Outcome
  readonly refusal: Refusal
  /** The required revision of the object; 0 for none. Clients take it from earlier answers in this history. */
  readonly precondition: number
  /** The value that was written or read. */
  readonly value: string
  /** The revision of the write, or of the object read; 0 where the answer has none. */
  readonly revision: number
}

/** A request or a report, drawn on its client's lane. Times as in an operation. */
export interface Sight {
  readonly client: string
  readonly call: number
  readonly end: number
  readonly writes: boolean
  /** Whether it shows the violation; the others show what it contradicts. */
  readonly shows: boolean
  readonly description: string
}

/** A violated rule as a sentence, and the operations that show it. */
export interface Violation {
  readonly rule: string
  readonly description: string
  readonly operations: readonly number[]
  /** The requests and reports that show the violation; absent where clients and times do not matter. */
  readonly sights?: readonly Sight[]
}

/** An object whose search ended without a result: how many configurations it explored, and its budget. */
export interface Exhausted {
  readonly key: string
  readonly explored: number
  readonly budget: number
}

/** The result of checking a history against a rule. `undecided` (a search exhausted its budget) is never a pass. */
export type Check =
  | { readonly result: 'holds' }
  | { readonly result: 'violated'; readonly violations: readonly Violation[] }
  | { readonly result: 'undecided'; readonly exhausted: readonly Exhausted[] }

export const isWrite = ({ kind }: Operation): boolean => kind !== 'get'

/**
 * Whether an operation is evidence about the object: an unanswered read is not, nor is a refusal for another reason.
 */
export const isEvidence = ({ kind, outcome, refusal }: Operation): boolean =>
  outcome === 'ok' || (outcome === 'unknown' ? kind !== 'get' : refusal !== '')

/** The operations of each object: linearizability is local, so a history is linearizable if each object's is. */
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
  return { client, call, end, writes: isWrite(one), shows, description: formatOperation(one) }
}

/** `update b=v7 if 12 by client3: ok at 15` */
export function formatOperation({
  kind,
  key,
  value,
  precondition,
  client,
  outcome,
  refusal,
  revision,
}: Operation): string {
  const written = kind === 'get' || value === '' ? '' : `=${value}`
  const reported =
    kind === 'get' && outcome === 'ok' ? (revision === 0 ? 'absent' : `${value} at ${revision}`) : outcome
  const more = outcome === 'refused' && refusal !== '' ? ` (${refusal})` : ''
  const at = kind !== 'get' && outcome === 'ok' && revision > 0 ? ` at ${revision}` : ''
  return `${kind} ${key}${written}${precondition > 0 ? ` if ${precondition}` : ''} by ${client}: ${reported}${more}${at}`
}
