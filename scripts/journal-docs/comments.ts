/** What the sources say of each record kind: the doc comment above `export const <kind> = z.object`, on one line. */
export function comments(sources: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const source of sources) {
    // A comment never runs over the end of another one.
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
