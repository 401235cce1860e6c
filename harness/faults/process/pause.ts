import { z } from 'zod'
import type { ComponentRef } from '../../cluster/cluster.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { processFault } from './component-process.ts'

/** Freezes a component (SIGSTOP) until reverted: its connections stay open, but it does not answer. */
export const pause = defineFault({
  name: 'pause',
  describe: 'Freezes a component (SIGSTOP): its connections stay open, but it does not answer',
  hits: 'component',
  evidence: { confirmed: 'the process is in state T (stopped)', cleared: 'the same process is not in state T' },
  options: z.object({}),
  create: (ref) => {
    const fault = processFault(ref, { do: 'pause', params: { component: ref.component } }, 'frozen')
    return { ...fault, available: async () => (await fault.available()) ?? frozenAlready(ref) }
  },
})

async function frozenAlready({ machine, component }: ComponentRef): Promise<string | undefined> {
  const { frozen } = await machine.call('state', { component })
  return frozen ? `${component} on ${machine.name} is already frozen` : undefined
}
