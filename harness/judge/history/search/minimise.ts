/**
 * The smallest part that still fails, by delta debugging: leaves parts out as long as the rest fails, first big ones
 * and then single ones, until every part is needed. Calls `fails` at most `attempts` times.
 */
export function minimal<T>(
  whole: readonly T[],
  fails: (part: readonly T[]) => boolean,
  attempts = 2_000,
): readonly T[] {
  let left = whole
  let size = Math.ceil(left.length / 2)
  for (let tries = 0; size >= 1 && tries < attempts;) {
    let shrunk = false
    for (let from = 0; from < left.length && tries < attempts; tries++) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)]
      if (rest.length > 0 && fails(rest)) {
        left = rest
        shrunk = true
      } else from += size
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (!shrunk) break
  }
  return left
}
