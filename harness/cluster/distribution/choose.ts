import { resolveImage } from '../../images/resolver.ts'
import type { Progress } from '../../images/progress.ts'
import type { Distribution, DistributionName } from './distribution.ts'
import { upstream } from './upstream/upstream.ts'

/** What a user may ask for. */
export type WantedDistribution = 'auto' | DistributionName

export interface Choice {
  readonly distribution: Distribution
  /** Why this one, for people: printed, and in the report. */
  readonly reason: string
}

interface ChooseOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Decides what machines are made from, and has its images ready. Errors are those of the image resolver. */
export async function chooseDistribution(
  wanted: 'auto' | 'upstream',
  { progress, signal }: ChooseOptions,
): Promise<Choice> {
  const { reference } = await resolveImage({ progress, signal })
  const reason = wanted === 'upstream' ? 'it was asked for' : 'it is the only distribution so far'
  return { distribution: upstream(reference), reason }
}
