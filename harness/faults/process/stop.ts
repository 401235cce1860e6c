import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { endsProcess, processFault } from './component-process.ts'

/** Terminates a component (SIGTERM) and keeps it down until reverted. */
export const stop = defineFault({
  name: 'stop',
  describe: 'Terminates a component (SIGTERM) and keeps it down until reverted',
  hits: 'component',
  evidence: endsProcess,
  options: z.object({}),
  create: (ref) =>
    processFault(ref, { do: 'signal', params: { component: ref.component, signal: 'SIGTERM', stay: true } }, 'gone'),
})
