import { formatOperation, isWrite, type Operation, sightOf, type Violation } from './history.ts'

/**
 * One store numbers the writes to all objects. A write that ends before another begins has the smaller revision. Revisions are
 * unique.
 */
export function revisionOrder(operations: readonly Operation[]): Violation[] {
  const writes = operations
    .filter((one) => isWrite(one) && one.outcome === 'ok' && one.revision > 0)
    .sort((a, b) => b.revision - a.revision)
  let earliest: Operation | undefined
  for (const [index, write] of writes.entries()) {
    const later = writes[index - 1]
    if (later?.revision === write.revision) return [broken('have the same revision', later, write)]
    if (earliest && earliest.end < write.call) return [broken('have revisions in the wrong order', earliest, write)]
    if (!earliest || write.end < earliest.end) earliest = write
  }
  return []
}

function broken(what: string, one: Operation, other: Operation): Violation {
  return {
    rule: 'one store counts all writes',
    description: `"${formatOperation(one)}" and "${formatOperation(other)}" ${what}`,
    operations: [one.id, other.id],
    sights: [sightOf(one), sightOf(other)],
  }
}
