/** Thrown by a judge whose evidence is missing: the verdict is `inconclusive` with this message, never a pass. */
export class Undecided extends Error {
  override readonly name = 'Undecided'
}

/** What a judge needs to know before it may go on. @throws Undecided */
export function need<T>(value: T | undefined | null | false, missing: string): T {
  if (value === undefined || value === null || value === false) throw new Undecided(missing)
  return value
}

/** The same for lists: an empty one shows nothing. @throws Undecided */
export function needSome<T>(list: readonly T[], missing: string): readonly [T, ...T[]] {
  if (list.length === 0) throw new Undecided(missing)
  return list as unknown as readonly [T, ...T[]]
}
