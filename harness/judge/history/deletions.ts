import type { Operation } from './history.ts'
import type { Version, Versions } from './versions.ts'

/** Which delete ended each version, by the version's index. */
export type Deletions = ReadonlyMap<number, Operation>

/**
 * Finds for each delete the version that it ended. A version that was followed by a create has to have been deleted; one
 * that was followed by a change can't have been. Answers undefined where that does not come out even: a write that nobody
 * saw the effect of may be missing, which is for the search to tell.
 */
export function deletionsOf(
  { versions, indexOf, unseen }: Versions,
  operations: readonly Operation[],
): Deletions | undefined {
  const deletions = new Map<number, Operation>()
  const floating: Operation[] = []
  const ended = (index: number): boolean =>
    versions[index + 1]?.write.kind === 'create' || index === versions.length - 1
  for (const operation of operations) {
    if (operation.kind !== 'delete' || operation.outcome !== 'ok') continue
    const index = whichOne(versions, indexOf, operation)
    if (index === 'any') floating.push(operation)
    else if (index === undefined || !ended(index) || deletions.has(index)) return undefined
    else if (!between(versions, index, operation.revision)) return undefined
    else deletions.set(index, operation)
  }
  floating.sort((a, b) => a.end - b.end)
  const risked = unseen.filter(({ kind }) => kind === 'delete').sort((a, b) => a.call - b.call)
  const last = versions.length - 1
  for (const [index, { write }] of versions.entries()) {
    if (!ended(index) || deletions.has(index)) continue
    const by = versions[index + 1]?.write.end ?? Infinity
    const [first] = floating
    if (first && first.call <= by && first.end >= write.call) {
      floating.shift()
      deletions.set(index, first)
    } else if (index < last) {
      const chosen = risked.findIndex(
        ({ call, precondition }) => call <= by && (precondition === 0 || precondition === versions[index]?.revision),
      )
      const [hidden] = chosen < 0 ? [] : risked.splice(chosen, 1)
      if (!hidden) return undefined
      deletions.set(index, hidden)
    }
  }
  return floating.length === 0 ? deletions : undefined
}

function between(versions: readonly Version[], index: number, revision: number): boolean {
  if (revision === 0) return true
  return revision > (versions[index]?.revision ?? 0) && revision < (versions[index + 1]?.revision ?? Infinity)
}

function whichOne(
  versions: readonly Version[],
  indexOf: ReadonlyMap<number, number>,
  { precondition, revision }: Operation,
): number | 'any' | undefined {
  if (precondition > 0) return indexOf.get(precondition)
  if (revision === 0) return 'any'
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((versions[middle]?.revision ?? Infinity) < revision) low = middle + 1
    else high = middle
  }
  return low === 0 ? undefined : low - 1
}
