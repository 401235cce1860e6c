import { z } from 'zod'
import type { AgentFault } from '../engine/agent-fault.ts'

/* Shared by faults that limit processes to a share of one CPU. */

export const cpuShare = z.object({ percent: z.number().min(1).default(5).describe('percent of one CPU') })

/** An idle process uses little CPU: the kernel throttles it only when it needs more than its share. */
export const throttled: AgentFault['proven'] & {} = {
  by: (facts) => Number(facts['throttled']) > 0,
  withinMs: 30_000,
}
