/** Reads each record kind's doc comment, above `export const <kind> = z.object`, as one line. */
export function comments(sources: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const source of sources) {
    // A match never includes the end of another comment.
    for (const [, text = '', name = ''] of source.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+) =/g)) {
      found.set(
        name,
        text
          .replaceAll(/\n \* ?/g, ' ')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      )
    }
  }
  return found
}
