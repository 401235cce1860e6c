import { formatOperation, type Operation, sightOf, type Violation } from './history.ts'

/** The objects at the end: each with the value it was created with, and its own identity. */
export interface Found {
  readonly key: string
  readonly value: string
  readonly uid: string
}

/**
 * An object whose creation was confirmed exists exactly once unless it was deleted. An object whose creation was
 * refused or never requested does not exist. With an unknown outcome it may exist once or not at all.
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
      violations.push(broken('what is confirmed is there', create, 'does not exist'))
    }
    if (create.outcome === 'refused' && there.length > 0) {
      violations.push(broken('what is refused is not there', create, 'exists'))
    }
    if (there.length > 1)
      violations.push(broken('one request creates one object', create, `exists ${there.length} times`))
  }
  const requested = new Set(creates.map(({ value }) => value))
  for (const { key, value } of found) {
    if (requested.has(value)) continue
    violations.push({
      rule: 'nothing creates itself',
      description: `${key} exists and no client created it`,
      operations: [],
    })
  }
  return violations
}

function broken(rule: string, create: Operation, what: string): Violation {
  return {
    rule,
    description: `The object of "${formatOperation(create)}" ${what}`,
    operations: [create.id],
    sights: [sightOf(create)],
  }
}
