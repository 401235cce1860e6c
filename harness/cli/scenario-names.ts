import { didYouMean } from './suggest.ts'
import { usageError } from './usage-error.ts'

/**
 * The scenarios that were asked for, in that order and each once; all of them when none was named.
 * @throws HoldfastError HF_USAGE
 */
export async function chosenScenarios(names: readonly string[]): Promise<readonly string[]> {
  const { scenarios } = await import('../../scenarios/index.ts')
  const known = [...scenarios.keys()]
  for (const name of names) {
    if (!scenarios.has(name))
      throw usageError(
        `There is no scenario "${name}".${didYouMean(name, known)}`,
        `Known scenarios: ${known.join(', ')}.`,
      )
  }
  return names.length === 0 ? known : [...new Set(names)]
}
