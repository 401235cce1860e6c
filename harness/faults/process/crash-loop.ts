import { z } from 'zod'
import type { ComponentRef } from '../../cluster/cluster.ts'
import { HoldfastError } from '../../common/errors.ts'
import { agentFault } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { hitsProcess } from './component-process.ts'

/** Kills a component every `everyMs`; its supervisor restarts it each time, at most once a second. */
export function crashLoop(ref: ComponentRef, { everyMs }: { readonly everyMs: number }): Fault {
  if (!(everyMs >= 1)) {
    throw new HoldfastError('HF_BAD_OPTION', `Invalid everyMs ${everyMs} for crash-loop: must be at least 1.`, {
      hint: 'Give an interval of 1 ms or more.',
      exitCode: 64,
    })
  }
  const { machine, component } = ref
  return agentFault({
    ...hitsProcess(ref),
    name: 'crash-loop',
    action: () => ({ do: 'crash-loop', params: { component, everyMs } }),
    bit: `two successive processes of ${component} on ${machine.name} were killed`,
    // The supervisor waits a second before it restarts a process that ran for less than a second.
    proven: { by: ({ processes }) => Number(processes) >= 2, withinMs: everyMs * 2 + 10_000 },
    ended: `${component} on ${machine.name} runs, and the loop has ended`,
  })
}

export const crashLoopKind = faultKind({
  name: 'crash-loop',
  group: 'process',
  describe: 'Kills a component repeatedly; its supervisor restarts it each time',
  hits: 'component',
  evidence: {
    bit: 'two of its processes with different pids were killed',
    ended: 'the loop has ended and its supervisor runs it',
  },
  options: z.object({
    everyMs: z.number().int().min(1).default(1_000).describe('milliseconds between kills'),
  }),
  make: (ref, options) => crashLoop(ref, options),
})
