import { formatOperation, type Operation, sightOf, type Violation } from '../history.ts'

/** One state of an object, from its write to the next. */
export interface Version {
  readonly revision: number
  readonly value: string
  /** The place of its write among the object's operations. */
  readonly write: number
  /** Its own place among the versions. */
  readonly index: number
}

export interface Versions {
  /** In the order of their revisions. */
  readonly versions: readonly Version[]
  readonly byRevision: ReadonlyMap<number, Version>
  /** Writes of unknown outcome without an observed effect, as places among the object's operations. */
  readonly unseen: readonly number[]
}

/**
 * Orders the writes of one object by their revisions. Reads show which writes of unknown outcome took effect, and at
 * which revision. Returns a violation where no order can explain the answers.
 */
export function versionsOf(operations: readonly Operation[]): Versions | Violation {
  const byRevision = new Map<number, Version & { index: number }>()
  const unknown = new Map<string, number>()
  const unseenDeletes: number[] = []
  const at = (index: number): Operation => operations[index] as Operation
  for (let n = 0; n < operations.length; n++) {
    const { kind, outcome, revision, value } = at(n)
    if (kind === 'get') continue
    if (outcome === 'unknown') {
      if (kind === 'delete') unseenDeletes.push(n)
      else unknown.set(value, n)
      continue
    }
    if (outcome !== 'ok' || kind === 'delete') continue
    const other = byRevision.get(revision)
    if (other) return broken('one write, one revision', 'share a revision', at(other.write), at(n))
    byRevision.set(revision, { revision, value, write: n, index: 0 })
  }
  const seen = new Set<number>()
  for (let n = 0; n < operations.length; n++) {
    const { kind, outcome, revision, value } = at(n)
    if (kind !== 'get' || outcome !== 'ok' || revision === 0) continue
    const version = byRevision.get(revision)
    if (version) {
      if (version.value !== value)
        return broken('a read tells what was written', 'do not agree', at(version.write), at(n))
      continue
    }
    const write = unknown.get(value)
    if (write === undefined) return broken('a read tells what was written', 'was read, and no client wrote it', at(n))
    if (seen.has(write)) return broken('one write, one revision', 'took effect at two revisions', at(write), at(n))
    seen.add(write)
    byRevision.set(revision, { revision, value, write, index: 0 })
  }
  const versions = [...byRevision.values()].sort((a, b) => a.revision - b.revision)
  for (let index = 0; index < versions.length; index++) {
    const [before, version] = [versions[index - 1], versions[index]]
    if (!version) continue
    version.index = index
    const write = at(version.write)
    if (write.precondition === 0 || before?.revision === write.precondition) continue
    return broken('no lost update', 'one overwrote the other unseen', ...(before ? [at(before.write)] : []), write)
  }
  const unseen = [...unseenDeletes, ...[...unknown.values()].filter((one) => !seen.has(one))]
  return { versions, byRevision, unseen }
}

export function broken(rule: string, what: string, ...operations: readonly Operation[]): Violation {
  return {
    rule,
    description: `${operations.map((one) => `"${formatOperation(one)}"`).join(' and ')}: ${what}`,
    operations: operations.map(({ id }) => id),
    sights: operations.map((one) => sightOf(one)),
  }
}
