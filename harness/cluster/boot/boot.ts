import { HoldfastError } from '../../common/errors.ts'
import { now } from '../../record/clock.ts'
import { explained } from '../api/api-answer.ts'
import { Cluster } from '../cluster.ts'
import type { Machine } from '../machine/machine.ts'
import { spareOf } from '../machine/spare.ts'
import type { BootContext } from './boot-context.ts'
import type { BootOptions } from './boot-options.ts'
import { diagnose } from './diagnose.ts'
import { planBoot } from './plan.ts'
import { leasesHeld, ready } from './readiness.ts'
import { checkPodsGone } from './round-trips.ts'
import { startStandbys } from './standbys.ts'
import { startComponents } from './start-components.ts'

export interface Booted {
  readonly cluster: Cluster
  readonly bootMs: number
  /** For users: one kubeconfig for each API server, by its machine's name. */
  readonly kubeconfigs: ReadonlyMap<string, string>
}

/** Nothing in a healthy boot takes nearly as long; the last observed state distinguishes a slow host from a broken one. */
const defaultWithinMs = 120_000

/**
 * Boots a cluster from nothing until its facts show that it is ready.
 * @throws HoldfastError HF_BOOT with the last lines of the component that failed
 */
export async function boot(options: BootOptions): Promise<Booted> {
  const began = now()
  const { withinMs = defaultWithinMs } = options
  // The first fact that does not come true ends all other waits.
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const seen = (what: string): void => options.progress(what, now() - began)
  const machines: Machine[] = []
  try {
    const plan = await planBoot(options)
    const { kubernetes, kubeconfigs, spare, prepared } = plan
    const context: BootContext = { kubernetes, machines, withinMs, signal, seen }
    await startComponents(plan, context)
    await Promise.all([ready(context), leasesHeld(context, options).then(() => startStandbys(context))])
    const bootMs = now() - began
    seen('everything is ready')
    await checkPodsGone(context)
    const cluster = new Cluster({ ...options, kubernetes, machines, spare: spareOf(spare, prepared) })
    return { cluster, bootMs, kubeconfigs }
  } catch (cause) {
    failed.abort()
    if (options.signal.aborted) throw cause
    const guilty = await diagnose(machines)
    await options.onFailure(machines)
    throw new HoldfastError('HF_BOOT', `The cluster did not start: ${explained(cause)}${guilty ? `\n${guilty}` : ''}`, {
      hint: "Every machine's logs are in the run's folder, under logs/.",
      cause,
    })
  }
}
