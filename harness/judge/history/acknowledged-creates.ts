import { inWords, type Operation, sightOf, type Violation } from './history.ts'

/** What was there in the end: each object with the value it was created with, and its own identity. */
export interface Found {
  readonly key: string
  readonly value: string
  readonly uid: string
}

/**
 * An object whose creation was confirmed is there exactly once, as long as nobody deleted it; one whose creation was refused, or
 * that nobody asked for, is not. Where the outcome is unknown it may be there once or not at all.
 */
export function createdOnce(operations: readonly Operation[], found: readonly Found[]): Violation[] {
  const creates = operations.filter(({ kind }) => kind === 'create')
  const deleted = new Set(
    operations.filter(({ kind, outcome }) => kind === 'delete' && outcome !== 'refused').map(({ key }) => key),
  )
  const byValue = Map.groupBy(found, ({ value }) => value)
  const violations: Violation[] = []
  for (const create of creates) {
    const there = byValue.get(create.value) ?? []
    if (create.outcome === 'ok' && there.length === 0 && !deleted.has(create.key)) {
      violations.push(broken('what is confirmed is there', create, 'is not there'))
    }
    if (create.outcome === 'refused' && there.length > 0) {
      violations.push(broken('what is refused is not there', create, 'is there'))
    }
    if (there.length > 1)
      violations.push(broken('one request creates one object', create, `is there ${there.length} times`))
  }
  const asked = new Set(creates.map(({ value }) => value))
  for (const { key, value } of found) {
    if (asked.has(value)) continue
    violations.push({ rule: 'nothing creates itself', words: `${key} is there and nobody created it`, operations: [] })
  }
  return violations
}

function broken(rule: string, create: Operation, what: string): Violation {
  return {
    rule,
    words: `What "${inWords(create)}" asked for ${what}`,
    operations: [create.id],
    sights: [sightOf(create)],
  }
}
