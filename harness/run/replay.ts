/** What decides a run: with these the same choices are made again. */
interface Decisive {
  readonly scenarios: readonly string[]
  readonly seed: number
  readonly topology: string
  readonly timings: string
  readonly distribution: string
  readonly repeat?: number
}

/** The command that repeats a run, every choice that matters spelled out. */
export function replayCommand({ scenarios, seed, topology, timings, distribution, repeat = 1 }: Decisive): string {
  const again = repeat === 1 ? '' : ` --repeat ${repeat}`
  return `npm start -- ${scenarios.join(' ')} --seed ${seed} --topology ${topology} --timings ${timings} --distribution ${distribution}${again}`
}
