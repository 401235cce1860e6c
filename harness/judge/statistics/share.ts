/** A number of pods as a number or as a share of a total, such as `25%`. */
export function resolveShare(value: number | string, total: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * total)
}
