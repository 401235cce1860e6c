import { type Deletions, deletionsOf } from './deletions.ts'
import { filled } from './filled.ts'
import type { Check, Operation, Violation } from '../history.ts'
import {
  deleted,
  type Fits,
  gone,
  neverThere,
  nowhere,
  outOfOrder,
  placeFreely,
  type Places,
  present,
  written,
} from './placement.ts'
import { type Versions, versionsOf } from './versions.ts'

/** The result for one object without a search; `unsure` needs the search. */
export type Quick = Exclude<Check, { result: 'undecided' }> | { readonly result: 'unsure' }

const inconclusive: Quick = { result: 'unsure' }

/**
 * Checks in time n log n whether one object's operations can have happened one by one, each between its call and its
 * return: the revisions give the order. A choice is left only by a write of unknown outcome without an observed effect,
 * and only if the order needs it.
 */
export function checkRegister(operations: readonly Operation[]): Quick {
  if (operations.some(couldStandAnywhere)) return inconclusive
  const order = versionsOf(operations)
  if ('rule' in order) return violated(order)
  const fixed = fixedPlaces(order, operations)
  const wrong = outOfOrder(operations, fixed)
  if (wrong) return violated(wrong)
  return withDeletions(order, operations, fixed) ?? inconclusive
}

/** A write that was confirmed without a revision. */
function couldStandAnywhere({ kind, outcome, revision }: Operation): boolean {
  return revision === 0 && outcome === 'ok' && kind !== 'get' && kind !== 'delete'
}

function withDeletions(order: Versions, operations: readonly Operation[], fixed: Places): Quick | undefined {
  const { versions, unseen } = order
  const last = versions.length - 1
  const [first] = versions
  if (first && operations[first.write]?.kind !== 'create') return undefined
  const deletions = deletionsOf(order, operations)
  if (!deletions) return undefined
  // A delete at the end that no other operation requires did not happen.
  const hidden = unseen.find((index) => {
    const { kind, precondition } = operations[index] as Operation
    const fits = precondition === 0 || precondition === versions[last]?.revision
    return kind === 'delete' && fits && !deletions.includes(index)
  })
  const open = last >= 0 && deletions[last] === -1
  for (const guess of open ? [-1, hidden] : [-1]) {
    if (guess === undefined) continue
    if (open) deletions[last] = guess
    const places = [...fixed]
    for (let version = 0; version <= last; version++) {
      const by = deletions[version] ?? -1
      if (by !== -1) places[by] = deleted(version)
    }
    if (placeFreely(operations, places, fitsSeveral, firstFit(order, deletions)) && !outOfOrder(operations, places)) {
      return { result: 'holds' }
    }
  }
  return undefined
}

function fitsSeveral({ kind, outcome, revision }: Operation): boolean {
  return outcome === 'refused' || (kind === 'get' && outcome === 'ok' && revision === 0)
}

/** Places the writes and reads that carry a revision. */
function fixedPlaces({ versions, byRevision }: Versions, operations: readonly Operation[]): Places {
  const places = filled(operations.length, nowhere)
  for (let n = 0; n < operations.length; n++) {
    const { kind, revision } = operations[n] as Operation
    if (kind === 'get' && revision !== 0) places[n] = present(byRevision.get(revision)?.index ?? 0)
  }
  for (const { write, index } of versions) places[write] = written(index)
  return places
}

function firstFit({ versions }: Versions, deletions: Deletions): Fits {
  const many = versions.length
  // The first deleted version at or after each version.
  const nextGone = filled(many + 1, many)
  for (let n = many - 1; n >= 0; n--) nextGone[n] = deletions[n] === -1 ? (nextGone[n + 1] ?? many) : n
  return ({ kind, refusal, precondition }, from) => {
    if (kind === 'get' || refusal === 'absent') {
      if (from <= neverThere) return neverThere
      const version = nextGone[from >> 2] ?? many
      return version < many ? gone(version) : undefined
    }
    for (let version = Math.max(0, (from + 2) >> 2); version < many; version++) {
      if (refusal === 'exists' || versions[version]?.revision !== precondition) return present(version)
    }
    return undefined
  }
}

const violated = (violation: Violation): Quick => ({ result: 'violated', violations: [violation] })
