import { z } from 'zod'
import type { ComponentRef } from '../cluster/cluster.ts'
import { HoldfastError } from '../errors.ts'
import { agentFault } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { hitsProcess } from './process.ts'

/** Kills a component every `everyMs`, for as long as it lasts; its supervisor brings it back each time, a second apart at the least. */
export function crashLoop(ref: ComponentRef, { everyMs }: { readonly everyMs: number }): Fault {
  if (!(everyMs >= 1)) {
    throw new HoldfastError('HF_BAD_OPTION', `A crash loop every ${everyMs} ms is none.`, {
      hint: 'Give it 1 ms or more.',
      exitCode: 64,
    })
  }
  const { machine, component } = ref
  return agentFault({
    ...hitsProcess(ref),
    name: 'crash-loop',
    action: () => ({ do: 'crash-loop', params: { component, everyMs } }),
    bit: `two processes of ${component} on ${machine.name}, one after the other, were killed`,
    // The supervisor waits for a second before it starts one again that lived shorter than that.
    proven: { by: ({ processes }) => Number(processes) >= 2, withinMs: everyMs * 2 + 10_000 },
    ended: `${component} on ${machine.name} runs and is killed no more`,
  })
}

export const crashLoopKind = faultKind({
  name: 'crash-loop',
  group: 'process',
  describe: 'Kills a component again and again; its supervisor brings it back each time',
  hits: 'component',
  evidence: {
    bit: 'two processes of it with different pids were killed',
    ended: 'the loop is over and its supervisor runs it',
  },
  options: z.object({
    everyMs: z.number().int().min(1).default(1_000).describe('milliseconds from one kill to the next'),
  }),
  make: (ref, options) => crashLoop(ref, options),
})
