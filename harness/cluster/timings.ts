import { HoldfastError } from '../common/errors.ts'

/** Detection and reaction times that flags of components set, in seconds. */
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
  throw new HoldfastError('HF_UNKNOWN_TIMINGS', `Invalid --timings "${name}".`, {
    hint: `Choose one of ${timingNames.join(', ')}.`,
    exitCode: 64,
  })
}
