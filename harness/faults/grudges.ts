/*
 * Who does not hear whom, as pure sets of pairs: computed before anything is touched, the same for machines, addresses or
 * names. A pair is one direction; what is cut both ways has two.
 */

/** Packets from one to the other do not arrive. */
export interface Pair<T> {
  readonly from: T
  readonly to: T
}

/** Nothing passes between the two sides, in either direction. Within a side everything does. */
export function split<T>(one: readonly T[], other: readonly T[]): Pair<T>[] {
  return [...oneWay(one, other), ...oneWay(other, one)]
}

/** `one` hears nobody of `others`, and nobody of them hears it. */
export function isolated<T>(one: T, others: readonly T[]): Pair<T>[] {
  return split(
    [one],
    others.filter((other) => other !== one),
  )
}

/** What `from` sends does not reach `to`; what they send does arrive. */
export function oneWay<T>(from: readonly T[], to: readonly T[]): Pair<T>[] {
  return from.flatMap((sender) => to.filter((other) => other !== sender).map((other) => ({ from: sender, to: other })))
}

/** The first half, rounded down, against the rest: of an odd number a minority against a majority. Shuffle before to choose. */
export function halves<T>(members: readonly T[]): Pair<T>[] {
  const minority = Math.floor(members.length / 2)
  return split(members.slice(0, minority), members.slice(minority))
}

/**
 * Two halves that hear nothing of each other, and one member in the middle who hears both and is heard by both.
 * With fewer than three members there is no middle and nothing is cut.
 */
export function bridge<T>(members: readonly T[]): Pair<T>[] {
  const middle = Math.floor(members.length / 2)
  return split(members.slice(0, middle), members.length < 3 ? [] : members.slice(middle + 1))
}

/**
 * Everybody hears a majority, and no two hear the same one: each hears itself and those who sit nearest on a ring, ahead
 * and behind in turn. With an even majority the rest is one-sided, so some pairs are cut one way only.
 */
export function ring<T>(members: readonly T[]): Pair<T>[] {
  const count = members.length
  const others = Math.floor(count / 2)
  const [ahead, behind] = [Math.ceil(others / 2), Math.floor(others / 2)]
  return members.flatMap((to, at) =>
    members.flatMap((from, other) => {
      const distance = (other - at + count) % count
      const heard = distance <= ahead || distance >= count - behind
      return heard ? [] : [{ from, to }]
    }),
  )
}
