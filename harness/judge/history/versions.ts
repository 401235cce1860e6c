import { inWords, type Operation, type Violation } from './history.ts'

/** One state that an object was in, from its write to the next. */
export interface Version {
  readonly revision: number
  readonly value: string
  readonly write: Operation
}

export interface Versions {
  /** In the order of their revisions. */
  readonly versions: readonly Version[]
  readonly indexOf: ReadonlyMap<number, number>
  /** Writes of unknown outcome that nobody saw the effect of. */
  readonly unseen: readonly Operation[]
}

/**
 * Puts the writes of one object in the order that their revisions say. What was read shows which writes of unknown
 * outcome took effect, and at which revision. Answers with a violation where no order at all can explain what was told.
 */
export function versionsOf(operations: readonly Operation[]): Versions | Violation {
  const byRevision = new Map<number, Version>()
  const unknown = new Map<string, Operation>()
  const unseenDeletes: Operation[] = []
  for (const operation of operations) {
    const { kind, outcome, revision, value } = operation
    if (kind === 'get') continue
    if (outcome === 'unknown') {
      if (kind === 'delete') unseenDeletes.push(operation)
      else unknown.set(value, operation)
      continue
    }
    if (outcome !== 'ok' || kind === 'delete') continue
    const other = byRevision.get(revision)
    if (other) return broken('one write, one revision', 'share a revision', other.write, operation)
    byRevision.set(revision, { revision, value, write: operation })
  }
  const seen = new Set<Operation>()
  for (const operation of operations) {
    const { kind, outcome, revision, value } = operation
    if (kind !== 'get' || outcome !== 'ok' || revision === 0) continue
    const version = byRevision.get(revision)
    if (version) {
      if (version.value !== value)
        return broken('a read tells what was written', 'do not agree', version.write, operation)
      continue
    }
    const write = unknown.get(value)
    if (!write) return broken('a read tells what was written', 'was read, and nobody wrote it', operation)
    if (seen.has(write)) return broken('one write, one revision', 'took effect at two revisions', write, operation)
    seen.add(write)
    byRevision.set(revision, { revision, value, write })
  }
  const versions = [...byRevision.values()].sort((a, b) => a.revision - b.revision)
  const indexOf = new Map(versions.map(({ revision }, index) => [revision, index]))
  for (const [index, { write }] of versions.entries()) {
    const { precondition } = write
    if (precondition === 0 || versions[index - 1]?.revision === precondition) continue
    const between = versions[index - 1]
    return broken('no lost update', 'one overwrote the other unseen', ...(between ? [between.write] : []), write)
  }
  return { versions, indexOf, unseen: [...unseenDeletes, ...[...unknown.values()].filter((one) => !seen.has(one))] }
}

export function broken(rule: string, what: string, ...operations: readonly Operation[]): Violation {
  return {
    rule,
    words: `${operations.map((one) => `"${inWords(one)}"`).join(' and ')}: ${what}`,
    operations: operations.map(({ id }) => id),
  }
}
