import { z } from 'zod'
import { agentFault } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsProcess } from './component-process.ts'

/** Kills a component every `everyMs` until reverted; its supervisor restarts it each time, at most once a second. */
export const crashLoop = defineFault({
  name: 'crash-loop',
  describe: 'Kills a component repeatedly; its supervisor restarts it each time',
  hits: 'component',
  evidence: {
    confirmed: 'two of its processes with different pids were killed',
    cleared: 'the loop has ended and its supervisor runs it',
  },
  options: z.object({
    everyMs: z.number().int().min(1).default(1_000).describe('milliseconds between kills'),
  }),
  create: (ref, { everyMs }) => {
    const { machine, component } = ref
    return agentFault({
      ...hitsProcess(ref),
      action: () => ({ do: 'crash-loop', params: { component, everyMs } }),
      confirmed: `two successive processes of ${component} on ${machine.name} were killed`,
      // The supervisor waits a second before it restarts a process that ran for less than a second.
      proven: { by: ({ processes }) => Number(processes) >= 2, withinMs: everyMs * 2 + 10_000 },
      cleared: `${component} on ${machine.name} runs, and the loop has ended`,
    })
  },
})
