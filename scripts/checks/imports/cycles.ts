interface Edge {
  readonly from: string
  readonly to: string
}

/** Returns a path for each import that closes a cycle: `['a', 'b', 'a']`. None without a cycle. */
export function cycles(edges: Iterable<Edge>): string[][] {
  const next = Map.groupBy(edges, ({ from }) => from)
  const visited = new Set<string>()
  const found: string[][] = []
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node])
    if (visited.has(node)) return
    visited.add(node)
    for (const { to } of next.get(node) ?? []) visit(to, [...path, node])
  }
  for (const node of next.keys()) visit(node, [])
  return found
}
