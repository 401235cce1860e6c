import type { Operation } from '../history.ts'

/**
 * Concurrent writes of one object without revisions, and a later read that none of them explains. Only the search finds
 * that, after it has tried every subset of the writes: more than 2 ** (writers - 2) configurations.
 */
export function withoutRevisions({ key, writers }: { readonly key: string; readonly writers: number }): Operation[] {
  const base = { key, outcome: 'ok', refusal: '', precondition: 0, revision: 0 } as const
  const writes = Array.from({ length: writers }, (_, id) => ({
    ...base,
    id,
    client: `writer${id}`,
    kind: id === 0 ? ('create' as const) : ('patch' as const),
    call: id,
    end: 100 + id,
    value: `${key} by writer${id}`,
  }))
  const read = {
    client: 'reader',
    kind: 'get',
    call: 200,
    end: 201,
    value: 'never written',
    revision: 1_000_000,
  } as const
  return [...writes, { ...base, ...read, id: writers }]
}
