import { connectEngine } from '../../images/engine.ts'
import { k3s as pinned, k3sImage } from '../../images/foreign.ts'
import { foreignImage, type ForeignImage } from '../../images/foreign-image.ts'
import { k3sMachineImage } from '../../images/k3s-machine.ts'
import type { Progress } from '../../images/progress.ts'
import { resolveImage } from '../../images/resolver.ts'
import { reporter } from '../../images/steps.ts'
import { HoldfastError } from '../../errors.ts'
import type { Distribution, DistributionName } from './distribution.ts'
import { k3s } from './k3s/k3s.ts'
import { apartByDefault, type Separable, separable } from './k3s/within.ts'
import { upstream } from './upstream/upstream.ts'

/** What a user may ask for. */
export type WantedDistribution = 'auto' | DistributionName

export const distributionNames: readonly WantedDistribution[] = ['auto', 'k3s', 'upstream']

export interface Choice {
  readonly distribution: Distribution
  /** Why this one, for people: printed, and in the report. */
  readonly reason: string
}

interface ChooseOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
  /** A registry that has what others have under the same paths. Default: `HOLDFAST_MIRROR`. */
  readonly mirror?: string | undefined
  /** kube-proxy as a process of its own on k3s too, so that it can be hit by itself. Default: false, as k3s ships it. */
  readonly kubeProxyApart?: boolean
}

/**
 * Decides what machines are made from, and has its images ready: k3s where its image is present or can be pulled, upstream elsewhere.
 * Errors are those of the image resolver.
 * @throws HoldfastError HF_NO_DISTRIBUTION when k3s is asked for and can't be had
 */
export async function chooseDistribution(wanted: WantedDistribution, options: ChooseOptions): Promise<Choice> {
  if (wanted === 'upstream') return { distribution: upstream(await machineImage(options)), reason: 'it was asked for' }
  const official = await look(k3sImage(), options)
  if ('absent' in official) {
    if (wanted === 'k3s') {
      throw new HoldfastError('HF_NO_DISTRIBUTION', `not-applicable: ${official.absent}`, {
        hint: 'Bring it with `holdfast images import k3s.tar` (docker save format), or name a mirror with --mirror.',
      })
    }
    return { distribution: upstream(await machineImage(options)), reason: official.absent }
  }
  const asked = wanted === 'k3s' ? 'it was asked for' : 'it is preferred where its image can be had'
  const distribution = await k3sDistribution(official, options)
  return { distribution, reason: `${asked}; ${official.reference} was ${official.origin}` }
}

async function k3sDistribution(official: ForeignImage, options: ChooseOptions): Promise<Distribution> {
  const machine = await machineImage(options)
  const apart: Partial<Record<Separable, ForeignImage>> = {}
  const inside: Partial<Record<Separable, string>> = {}
  for (const name of options.kubeProxyApart ? separable : apartByDefault) {
    const image = await look(pinned.apart[name], options)
    if ('absent' in image) inside[name] = `${name} is part of a k3s process, because ${image.absent}`
    else apart[name] = image
  }
  const docker = await connectEngine()
  const say = reporter(options.progress)
  const k3sMachine = await k3sMachineImage(docker, { k3s: official, machine, apart }, say, options.signal)
  return k3s({ official, k3sMachine, machine, apart: separable.filter((name) => apart[name]), inside })
}

async function look(reference: string, options: ChooseOptions): ReturnType<typeof foreignImage> {
  const { mirror = process.env['HOLDFAST_MIRROR'], signal } = options
  return foreignImage(await connectEngine(), reference, { mirror, signal, report: reporter(options.progress) })
}

async function machineImage({ progress, signal }: ChooseOptions): Promise<string> {
  return (await resolveImage({ progress, signal })).reference
}
