import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { Change } from '../history/watches/change-log.ts'
import type { Operation, Outcome, Refusal } from '../history/history.ts'

export interface HistoryShape {
  readonly seed: number
  readonly operations: number
  readonly clients: number
  readonly keys: number
  /** Share of operations whose outcome their client never receives. */
  readonly unknown: number
}

interface Stored {
  readonly revision: number
  readonly value: string
}

type Request = Pick<Operation, 'kind' | 'key' | 'precondition' | 'value'>
type Answer = Pick<Operation, 'outcome' | 'refusal' | 'revision'> & { readonly value?: string }

/**
 * Possible histories of a store that keeps its guarantees: each operation takes effect at once at some time between its
 * call and its return. One of unknown outcome takes effect at that time, long after, or never.
 */
export function validHistory(shape: HistoryShape): Operation[] {
  return validRun(shape).operations
}

/** The changes in the store, and their times. */
export interface StoredChange extends Change {
  readonly type: 'added' | 'modified' | 'deleted'
  readonly at: number
}

/** The same, with the changes in the store and their times. */
export function validRun({ seed, operations: wanted, clients, keys, unknown }: HistoryShape): {
  operations: Operation[]
  changes: StoredChange[]
} {
  const random = xorshift128plus(seed)
  const draw = (below: number): number => uniformInt(random, 0, below - 1)
  const chance = (share: number): boolean => draw(1_000_000) < share * 1_000_000
  const store = new Store()
  const known = Array.from({ length: clients }, () => new Map<string, Stored>())
  const busy: (undefined | { request: Request; call: number; answer?: Answer })[] = Array.from({ length: clients })
  const left: Request[] = []
  const history: Operation[] = []
  let [begun, values] = [0, 0]
  for (let now = 1; history.length < wanted; now++) {
    store.now = now
    const late = left.length > 0 && chance(0.02) ? left.splice(draw(left.length), 1) : []
    for (const request of late) store.carryOut(request)
    const client = draw(clients)
    const own = busy[client]
    const seen = known[client]
    if (!seen) continue
    if (!own) {
      if (begun++ < wanted) busy[client] = { request: request(draw, keys, seen, () => `v${values++}`), call: now }
      continue
    }
    if (!own.answer) {
      if (chance(unknown)) {
        const when = draw(3)
        if (when === 0) store.carryOut(own.request)
        if (when === 1) left.push(own.request)
        own.answer = { outcome: 'unknown', refusal: '', revision: 0 }
      } else own.answer = store.carryOut(own.request)
      if (own.answer.outcome !== 'unknown') continue
    }
    const { request: operation, call, answer } = own
    const value = answer.value ?? operation.value
    if (answer.outcome === 'ok' && answer.revision > 0) seen.set(operation.key, { revision: answer.revision, value })
    if (answer.outcome === 'ok' && (answer.revision === 0 || operation.kind === 'delete')) seen.delete(operation.key)
    history.push({
      id: history.length,
      client: `client${client}`,
      key: operation.key,
      kind: operation.kind,
      call,
      end: answer.outcome === 'unknown' ? Infinity : now,
      outcome: answer.outcome,
      refusal: answer.refusal,
      precondition: operation.precondition,
      value: answer.outcome === 'unknown' && operation.kind === 'get' ? '' : value,
      revision: answer.revision,
    })
    busy[client] = undefined
  }
  return { operations: history, changes: store.changes }
}

function request(
  draw: (below: number) => number,
  keys: number,
  seen: ReadonlyMap<string, Stored>,
  fresh: () => string,
): Request {
  const key = `k${draw(keys)}`
  const last = seen.get(key)
  const choice = draw(100)
  if (choice < 40) return { kind: 'get', key, precondition: 0, value: '' }
  if (!last) return { kind: choice < 85 ? 'create' : 'patch', key, precondition: 0, value: fresh() }
  if (choice < 75) return { kind: choice % 2 ? 'update' : 'patch', key, precondition: last.revision, value: fresh() }
  if (choice < 88) return { kind: 'patch', key, precondition: 0, value: fresh() }
  if (choice < 97) return { kind: 'delete', key, precondition: choice % 2 ? last.revision : 0, value: '' }
  return { kind: 'create', key, precondition: 0, value: fresh() }
}

/** A versioned store that processes requests one after the other. */
class Store {
  readonly #objects = new Map<string, Stored>()
  readonly changes: StoredChange[] = []
  now = 0
  #revision = 100

  carryOut({ kind, key, precondition, value }: Request): Answer {
    const now = this.#objects.get(key)
    if (kind === 'get') return { outcome: 'ok', refusal: '', revision: now?.revision ?? 0, value: now?.value ?? '' }
    if (kind === 'create' ? now : !now) return refusal(now ? 'exists' : 'absent')
    if (precondition > 0 && precondition !== now?.revision) return refusal('conflict')
    const revision = ++this.#revision
    const type = kind === 'delete' ? 'deleted' : kind === 'create' ? 'added' : 'modified'
    this.changes.push({ type, key, revision, value: kind === 'delete' ? '' : value, at: this.now })
    if (kind === 'delete') {
      this.#objects.delete(key)
      // As in Kubernetes: the answer to a delete by revision lacks the new revision here.
      return { outcome: 'ok', refusal: '', revision: precondition > 0 ? 0 : revision }
    }
    this.#objects.set(key, { revision, value })
    return { outcome: 'ok', refusal: '', revision }
  }
}

const refusal = (why: Refusal): Answer => ({ outcome: 'refused' satisfies Outcome, refusal: why, revision: 0 })

/** One element of the list, chosen by the generator; undefined for an empty list. */
export function oneOf<T>(from: readonly T[], random: RandomGenerator): T | undefined {
  return from[uniformInt(random, 0, Math.max(0, from.length - 1))]
}
