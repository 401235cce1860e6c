import { connectEngine } from '../../images/engine.ts'
import { k3s as pinned, k3sImage } from '../../images/third-party/foreign.ts'
import { foreignImage, type ForeignImage } from '../../images/third-party/foreign-image.ts'
import { k3sMachineImage } from '../../images/k3s-machine.ts'
import type { Progress } from '../../images/build/progress.ts'
import { resolveImage } from '../../images/build/resolver.ts'
import { reporter } from '../../images/build/steps.ts'
import { HoldfastError } from '../../common/errors.ts'
import type { Distribution, DistributionName } from './distribution.ts'
import { k3s } from './k3s/k3s.ts'
import { standaloneByDefault, type Separable, separable } from './k3s/embedded.ts'
import { upstream } from './upstream/upstream.ts'

/** What a user may request. */
export type WantedDistribution = 'auto' | DistributionName

export const distributionNames: readonly WantedDistribution[] = ['auto', 'k3s', 'upstream']

export interface Choice {
  readonly distribution: Distribution
  /** The reason for the choice: printed, and in the report. */
  readonly reason: string
}

interface ChooseOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
  /** A registry with third-party images under the same paths. Default: `HOLDFAST_MIRROR`. */
  readonly mirror?: string | undefined
  /** Run kube-proxy as its own process on k3s too, so that faults can target it. Default: false, as k3s ships it. */
  readonly standaloneKubeProxy?: boolean
}

/**
 * Chooses what machines are made from, and prepares its images: k3s when its image is present or can be pulled, otherwise
 * upstream. Errors are those of the image resolver.
 * @throws HoldfastError HF_NO_DISTRIBUTION when k3s is requested and not available
 */
export async function chooseDistribution(wanted: WantedDistribution, options: ChooseOptions): Promise<Choice> {
  if (wanted === 'upstream') return { distribution: upstream(await machineImage(options)), reason: 'it was requested' }
  const official = await findForeignImage(k3sImage(), options)
  if ('absent' in official) {
    if (wanted === 'k3s') {
      throw new HoldfastError('HF_NO_DISTRIBUTION', `not-applicable: ${official.absent}`, {
        hint: 'Import it with `holdfast images import k3s.tar` (docker save format), or set a mirror with --mirror.',
      })
    }
    return { distribution: upstream(await machineImage(options)), reason: official.absent }
  }
  const cause = wanted === 'k3s' ? 'it was requested' : 'it is preferred when its image is available'
  const distribution = await k3sDistribution(official, options)
  return { distribution, reason: `${cause}; ${official.reference} was ${official.origin}` }
}

async function k3sDistribution(official: ForeignImage, options: ChooseOptions): Promise<Distribution> {
  const machine = await machineImage(options)
  const standaloneImages: Partial<Record<Separable, ForeignImage>> = {}
  const inside: Partial<Record<Separable, string>> = {}
  for (const name of options.standaloneKubeProxy ? separable : standaloneByDefault) {
    const image = await findForeignImage(pinned.standalone[name], options)
    if ('absent' in image) inside[name] = `${name} is part of a k3s process, because ${image.absent}`
    else standaloneImages[name] = image
  }
  const docker = await connectEngine()
  const report = reporter(options.progress)
  const k3sMachine = await k3sMachineImage(
    docker,
    { k3s: official, machine, standalone: standaloneImages },
    report,
    options.signal,
  )
  return k3s({ official, k3sMachine, machine, standalone: separable.filter((name) => standaloneImages[name]), inside })
}

async function findForeignImage(reference: string, options: ChooseOptions): ReturnType<typeof foreignImage> {
  const { mirror = process.env['HOLDFAST_MIRROR'], signal } = options
  return foreignImage(await connectEngine(), reference, { mirror, signal, report: reporter(options.progress) })
}

async function machineImage({ progress, signal }: ChooseOptions): Promise<string> {
  return (await resolveImage({ progress, signal })).reference
}
