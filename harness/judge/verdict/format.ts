/** A duration for a sentence: `812 ms`, `17.4 s`. */
export function duration(ms: number): string {
  if (Math.abs(ms) < 999.5) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `a, b and c`; more than `most` are shortened, because a reason has to fit a line. */
export function listed(items: readonly string[], most = 4): string {
  const shown = items.length > most ? [...items.slice(0, most - 1), `${items.length - most + 1} more`] : items
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
