import { z } from 'zod'
import { endingSignals } from '../../agent/actions/process/signal.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { endsProcess, processFault } from './component-process.ts'

/** Kills a component (SIGKILL); its supervisor keeps it down until reverted, unless `stay` is false. */
export const kill = defineFault({
  name: 'kill',
  describe: 'Kills a component with SIGKILL or another signal',
  hits: 'component',
  evidence: endsProcess,
  options: z.object({
    stay: z.boolean().default(true).describe('its supervisor keeps it down until the fault is reverted'),
    /** The fault is unproven if the process survives the signal. */
    signal: z.enum(endingSignals).default('SIGKILL').describe('the signal'),
  }),
  create: (ref, { stay, signal }) =>
    processFault(ref, { do: 'signal', params: { component: ref.component, signal, stay } }, 'gone'),
})
