import { deletionsOf } from './deletions.ts'
import type { Check, Operation, Violation } from './history.ts'
import { deleted, gone, neverThere, outOfOrder, placeFreely, type Placed, present, written } from './placement.ts'
import { type Versions, versionsOf } from './versions.ts'

/** What could be told of one object without a search; `unsure` is for the search. */
export type Quick = Exclude<Check, { result: 'undecided' }> | { readonly result: 'unsure' }

const unsure: Quick = { result: 'unsure' }

/**
 * Whether one object's operations could have happened one by one, each at some time between its call and its return, in
 * time n log n: the revisions say in which order. Only a write of unknown outcome whose effect nobody saw leaves a choice, and only
 * if the order does not come out without it.
 */
export function checkRegister(told: readonly Operation[]): Quick {
  // A write that was confirmed without a revision could stand anywhere.
  if (told.some(({ kind, outcome, revision }) => outcome === 'ok' && revision === 0 && !/get|delete/.test(kind)))
    return unsure
  const order = versionsOf(told)
  if ('rule' in order) return violated(order)
  const fixed = fixedPlaces(order, told)
  const wrong = outOfOrder(fixed)
  if (wrong) return violated(wrong)
  return withDeletions(order, told, fixed) ?? unsure
}

function withDeletions(order: Versions, told: readonly Operation[], fixed: readonly Placed[]): Quick | undefined {
  const { versions, unseen } = order
  const last = versions.length - 1
  if (versions.some(({ write }, index) => write.kind !== 'create' && index === 0)) return undefined
  const deletions = deletionsOf(order, told)
  if (!deletions) return undefined
  const free = told.filter(
    ({ kind, outcome, revision }) => outcome === 'refused' || (kind === 'get' && outcome === 'ok' && revision === 0),
  )
  // A delete at the end that nobody needs did not happen.
  const used = new Set(deletions.values())
  const hidden = unseen.filter(
    (one) =>
      one.kind === 'delete' &&
      !used.has(one) &&
      (one.precondition === 0 || one.precondition === versions[last]?.revision),
  )
  for (const guess of deletions.has(last) ? [undefined] : [undefined, hidden.at(0)]) {
    const all = new Map(deletions)
    if (guess) all.set(last, guess)
    const own = [...all].map(([version, operation]) => ({ operation, place: deleted(version) }))
    const places = placeFreely([...fixed, ...own], free, (operation, from) => firstFit(order, all, operation, from))
    if (places && !outOfOrder([...fixed, ...own, ...places])) return { result: 'holds' }
  }
  return undefined
}

/** Writes and reads that carry a revision. */
function fixedPlaces({ versions, indexOf }: Versions, told: readonly Operation[]): Placed[] {
  const placed: Placed[] = versions.map(({ write }, index) => ({ operation: write, place: written(index) }))
  for (const operation of told) {
    if (operation.kind !== 'get' || operation.revision === 0) continue
    placed.push({ operation, place: present(indexOf.get(operation.revision) ?? 0) })
  }
  return placed
}

function firstFit(
  { versions }: Versions,
  deletions: ReadonlyMap<number, Operation>,
  { kind, refusal, precondition }: Operation,
  from: number,
): number | undefined {
  if (kind === 'get' || refusal === 'absent') {
    if (from <= neverThere) return neverThere
    for (let version = from >> 2; version < versions.length; version++) {
      if (deletions.has(version)) return gone(version)
    }
    return undefined
  }
  for (let version = Math.max(0, (from + 2) >> 2); version < versions.length; version++) {
    if (refusal === 'exists' || versions[version]?.revision !== precondition) return present(version)
  }
  return undefined
}

const violated = (violation: Violation): Quick => ({ result: 'violated', violations: [violation] })
