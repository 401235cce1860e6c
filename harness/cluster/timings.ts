import { HoldfastError } from '../common/errors.ts'

/** How fast a cluster detects and reacts, as far as the components' own flags can set it. Seconds. */
export interface Timings {
  readonly name: string
  readonly leaseDuration: number
  readonly renewDeadline: number
  readonly retryPeriod: number
  readonly nodeMonitorPeriod: number
  readonly nodeMonitorGracePeriod: number
  readonly nodeStatusUpdateFrequency: number
  readonly nodeLeaseDuration: number
}

/** `stock` is upstream's timing; `brisk` keeps its ratios at about a third, for the quick run. */
const presets: Readonly<Record<string, Timings>> = {
  stock: {
    name: 'stock',
    leaseDuration: 15,
    renewDeadline: 10,
    retryPeriod: 2,
    nodeMonitorPeriod: 5,
    nodeMonitorGracePeriod: 50,
    nodeStatusUpdateFrequency: 10,
    nodeLeaseDuration: 40,
  },
  brisk: {
    name: 'brisk',
    leaseDuration: 6,
    renewDeadline: 4,
    retryPeriod: 1,
    nodeMonitorPeriod: 2,
    nodeMonitorGracePeriod: 18,
    nodeStatusUpdateFrequency: 4,
    nodeLeaseDuration: 16,
  },
}

const timingNames: readonly string[] = Object.keys(presets)

/** @throws HoldfastError HF_UNKNOWN_TIMINGS */
export function timings(name: string): Timings {
  const found = presets[name]
  if (found) return found
  throw new HoldfastError('HF_UNKNOWN_TIMINGS', `There are no timings "${name}".`, {
    hint: `Choose one of ${timingNames.join(', ')}.`,
    exitCode: 64,
  })
}
