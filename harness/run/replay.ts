/** The options that decide a run's choices. */
interface Decisive {
  readonly scenarios: readonly { readonly name: string; readonly file?: string }[]
  readonly seed: number
  readonly topology?: string | undefined
  readonly timings: string
  readonly distribution: string
  readonly standaloneKubeProxy?: boolean
  readonly repeat?: number
}

/** Returns the command that repeats a run, with every option that matters. */
export function replayCommand(decisive: Decisive): string {
  const { scenarios, seed, topology, timings, distribution, standaloneKubeProxy = false, repeat = 1 } = decisive
  const standalone = standaloneKubeProxy ? ' --standalone-kube-proxy' : ''
  const shape = topology === undefined ? '' : ` --topology ${topology}`
  const again = repeat === 1 ? '' : ` --repeat ${repeat}`
  const words = scenarios.map(({ name, file }) => file ?? name)
  return `npm start -- ${words.join(' ')} --seed ${seed}${shape} --timings ${timings} --distribution ${distribution}${standalone}${again}`
}
