/*
 * Shapes of partitions as pure sets of (from, to) pairs of machines, addresses or names, computed before any change. A pair is
 * one direction; a cut in both directions has two.
 */

/** Packets from `from` to `to` do not arrive. */
export interface Pair<T> {
  readonly from: T
  readonly to: T
}

/** Cuts two sides from each other, in both directions. */
export function split<T>(one: readonly T[], other: readonly T[]): Pair<T>[] {
  return [...oneWay(one, other), ...oneWay(other, one)]
}

/** Cuts `one` from all others, in both directions. */
export function isolated<T>(one: T, others: readonly T[]): Pair<T>[] {
  return split(
    [one],
    others.filter((other) => other !== one),
  )
}

/** Cuts only the direction from `from` to `to`. */
export function oneWay<T>(from: readonly T[], to: readonly T[]): Pair<T>[] {
  return from.flatMap((sender) => to.filter((other) => other !== sender).map((other) => ({ from: sender, to: other })))
}

/** Cuts the first half, rounded down, from the rest. Shuffle the members first for a random minority. */
export function halves<T>(members: readonly T[]): Pair<T>[] {
  const minority = Math.floor(members.length / 2)
  return split(members.slice(0, minority), members.slice(minority))
}

/**
 * Cuts two halves from each other; one member in the middle stays connected to both. Cuts nothing with fewer than three
 * members.
 */
export function bridge<T>(members: readonly T[]): Pair<T>[] {
  const middle = Math.floor(members.length / 2)
  return split(members.slice(0, middle), members.length < 3 ? [] : members.slice(middle + 1))
}

/**
 * Every member receives from a different majority: itself and its nearest neighbours on a ring, alternately ahead and behind.
 * With an even majority some pairs are cut in one direction only.
 */
export function ring<T>(members: readonly T[]): Pair<T>[] {
  const count = members.length
  const others = Math.floor(count / 2)
  const [ahead, behind] = [Math.ceil(others / 2), Math.floor(others / 2)]
  return members.flatMap((to, at) =>
    members.flatMap((from, other) => {
      const distance = (other - at + count) % count
      const connected = distance <= ahead || distance >= count - behind
      return connected ? [] : [{ from, to }]
    }),
  )
}
