import { setTimeout as delay } from 'node:timers/promises'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Answer, Request, Store } from './store.ts'

export interface ClientOptions {
  readonly name: string
  readonly store: Store
  readonly keys: readonly string[]
  /** Pause between an answer and the next request. */
  readonly pauseMs: number
  readonly emit: (record: JournalRecord) => void
  readonly choose: <T>(from: readonly T[]) => T
  readonly signal: AbortSignal
}

type Choice = Request['operation'] | 'blind-patch' | 'blind-delete'

/** What a client does with an object that it has seen. Others may have changed it since: `create` is one of the choices. */
const choices: readonly Choice[] = [
  ...Array.from({ length: 5 }, () => 'get' as const),
  ...Array.from({ length: 4 }, () => 'update' as const),
  'cached-get',
  'patch',
  'patch',
  'blind-patch',
  'delete',
  'blind-delete',
  'create',
]

/**
 * Works on a few objects, one operation after the other, until aborted, and records each with its answer. A precondition is always a
 * revision that this client itself received. An operation of unknown outcome is not repeated.
 */
export async function runClient(options: ClientOptions): Promise<void> {
  const { name, store, keys, pauseMs, emit, choose, signal } = options
  const seen = new Map<string, number>()
  let n = 0
  while (!signal.aborted) {
    const request = nextRequest(choose(keys), seen, choose, `${name}-${n++}`)
    const answer = await sendOperation(name, store, request, emit)
    if (request.operation !== 'cached-get') remember(seen, request, answer)
    await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Carries out one operation and records it with its answer. */
export async function sendOperation(
  client: string,
  store: Store,
  request: Request,
  emit: (record: JournalRecord) => void,
): Promise<Answer> {
  const at = now()
  const answer = await store.carryOut(request)
  const { operation, key, precondition, value } = request
  emit({
    kind: 'operation',
    at,
    endedAt: now(),
    client,
    via: store.via,
    store: store.kind,
    operation,
    key,
    ...(precondition > 0 ? { precondition } : {}),
    ...(value === '' ? {} : { value }),
    ...answer,
  })
  return answer
}

function nextRequest(
  key: string,
  seen: ReadonlyMap<string, number>,
  choose: ClientOptions['choose'],
  value: string,
): Request {
  const known = seen.get(key) ?? 0
  const choice = choose(choices)
  if (choice === 'get' || choice === 'cached-get') return { operation: choice, key, precondition: 0, value: '' }
  if (choice === 'blind-patch') return { operation: 'patch', key, precondition: 0, value }
  if (choice === 'blind-delete') return { operation: 'delete', key, precondition: 0, value: '' }
  if (known === 0 || choice === 'create') return { operation: 'create', key, precondition: 0, value }
  return { operation: choice, key, precondition: known, value: choice === 'delete' ? '' : value }
}

function remember(
  seen: Map<string, number>,
  { operation, key }: Request,
  { outcome, revision, refusal }: Answer,
): void {
  if (outcome === 'ok' && operation !== 'delete' && revision !== undefined) seen.set(key, revision)
  else if (refusal === 'absent' || (outcome === 'ok' && /^(get|delete)$/.test(operation))) seen.delete(key)
}
