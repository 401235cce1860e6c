import { z } from 'zod'
import type { Impairment } from '../../agent/kernel/impairment.ts'
import { durationMs } from '../../common/duration.ts'
import { trafficOptions } from './links.ts'

/** Longer than any connection waits, and far below netem's limit. */
const longestDelayMs = 3_600_000

const percent = z.number().gt(0).max(100).optional()
const delay = z.string().refine(isDelay, 'must be a duration above 0 and at most 1 hour').optional()

/** Impairments of packets, applied together. */
const impairments = {
  latency: delay.describe('delay of each packet, for example 50ms'),
  /** Uniform. NFQUEUE keeps the order of packets, netem does not. */
  jitter: delay.describe('variation of the delay, plus or minus'),
  loss: percent.describe('percent of packets that are lost'),
  reorder: percent.describe('percent of packets that later ones overtake'),
  duplicate: percent.describe('percent of packets that arrive twice'),
  corrupt: percent.describe('percent of packets in which one bit is flipped'),
  /** Counted on IP packets; packets that would wait for more than a second are dropped. */
  rate: z.number().positive().optional().describe('bytes a second'),
} as const

export const impairOptions = z
  .object({
    ...impairments,
    reorderBy: delay.describe('delay of reordered packets; default: 10ms'),
    checksums: z
      .enum(['broken', 'mended'])
      .optional()
      .describe('of corrupted packets: the receiver drops `broken` and accepts `mended`'),
    seed: z.number().optional().describe('of the random choice for each packet in order of arrival; NFQUEUE only'),
    means: z
      .enum(['kernel', 'queue'])
      .optional()
      .describe('`kernel` (HTB, netem) or `queue` (NFQUEUE); default: `kernel` where it supports all impairments'),
    ...trafficOptions,
  })
  .refine(
    (options) => Object.keys(impairments).some((name) => options[name as keyof typeof impairments] !== undefined),
    `expected at least one of ${Object.keys(impairments).join(', ')}`,
  )
  .refine(({ reorder, reorderBy }) => reorderBy === undefined || reorder !== undefined, 'reorderBy requires reorder')
  .refine(({ corrupt, checksums }) => checksums === undefined || corrupt !== undefined, 'checksums requires corrupt')

export type ImpairOptions = z.output<typeof impairOptions>

/** Converts options to the units of the agent. */
export function impairmentOf(options: ImpairOptions): Impairment {
  const { latency, jitter, loss, reorder, reorderBy = '10ms', duplicate, corrupt, checksums, rate, seed } = options
  const impairment: Impairment = {
    ...(latency === undefined ? {} : { delayMs: durationMs(latency) }),
    ...(jitter === undefined ? {} : { jitterMs: durationMs(jitter) }),
    ...(loss === undefined ? {} : { lossPercent: loss }),
    ...(reorder === undefined ? {} : { reorderPercent: reorder, reorderMs: durationMs(reorderBy) }),
    ...(duplicate === undefined ? {} : { duplicatePercent: duplicate }),
    ...(corrupt === undefined ? {} : { corruptPercent: corrupt }),
    ...(corrupt !== undefined && checksums === 'mended' ? { mendChecksums: true } : {}),
    ...(rate === undefined ? {} : { rateBytesPerSecond: rate, backlogMs: 1_000 }),
  }
  return { ...impairment, ...(seed === undefined ? {} : { seed }) }
}

function isDelay(text: string): boolean {
  try {
    const ms = durationMs(text)
    return ms > 0 && ms <= longestDelayMs
  } catch {
    return false
  }
}
