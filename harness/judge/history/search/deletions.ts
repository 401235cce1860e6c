import { filled } from './filled.ts'
import type { Operation } from '../history.ts'
import type { Version, Versions } from './versions.ts'

/** The delete that ended each version, by the version's index: its place among the object's operations, or -1. */
export type Deletions = number[]

/**
 * Finds for each delete the version that it ended. A version followed by a create was deleted; one followed by a change
 * was not. Returns undefined where this does not match: a write without an observed effect may be missing, which only
 * the search can find.
 */
export function deletionsOf(order: Versions, operations: readonly Operation[]): Deletions | undefined {
  const { versions, unseen } = order
  const at = (index: number): Operation => operations[index] as Operation
  const writeOf = (index: number): Operation | undefined => operations[versions[index]?.write ?? -1]
  const deletions = filled(versions.length, -1)
  const floating: number[] = []
  const last = versions.length - 1
  const ended = (index: number): boolean => index === last || writeOf(index + 1)?.kind === 'create'
  for (let n = 0; n < operations.length; n++) {
    const operation = at(n)
    if (operation.kind !== 'delete' || operation.outcome !== 'ok') continue
    const index = whichOne(order, operation)
    if (index === 'any') floating.push(n)
    else if (index === undefined || !ended(index) || deletions[index] !== -1) return undefined
    else if (!between(versions, index, operation.revision)) return undefined
    else deletions[index] = n
  }
  floating.sort((a, b) => at(a).end - at(b).end)
  const risked = unseen.filter((one) => at(one).kind === 'delete').sort((a, b) => at(a).call - at(b).call)
  let next = 0
  for (let index = 0; index <= last; index++) {
    if (!ended(index) || deletions[index] !== -1) continue
    const by = writeOf(index + 1)?.end ?? Infinity
    const first = floating[next]
    if (first !== undefined && at(first).call <= by && at(first).end >= (writeOf(index)?.call ?? 0)) {
      next++
      deletions[index] = first
    } else if (index < last) {
      const chosen = risked.findIndex((one) => {
        const { call, precondition } = at(one)
        return call <= by && (precondition === 0 || precondition === versions[index]?.revision)
      })
      const [hidden] = chosen < 0 ? [] : risked.splice(chosen, 1)
      if (hidden === undefined) return undefined
      deletions[index] = hidden
    }
  }
  return next === floating.length ? deletions : undefined
}

function between(versions: readonly Version[], index: number, revision: number): boolean {
  if (revision === 0) return true
  return revision > (versions[index]?.revision ?? 0) && revision < (versions[index + 1]?.revision ?? Infinity)
}

function whichOne(
  { versions, byRevision }: Versions,
  { precondition, revision }: Operation,
): number | 'any' | undefined {
  if (precondition > 0) return byRevision.get(precondition)?.index
  if (revision === 0) return 'any'
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((versions[middle]?.revision ?? Infinity) < revision) low = middle + 1
    else high = middle
  }
  return low === 0 ? undefined : low - 1
}
