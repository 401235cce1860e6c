import { defineFault } from '../engine/fault-kind.ts'
import { apiLoadFault, loadEnded, loadOptions } from './api-load.ts'

/** One service account creates Events through one API server (default: 100 a second). */
export const eventStorm = defineFault({
  name: 'event-storm',
  describe: 'Creates Events through one API server as one service account',
  hits: 'machine',
  evidence: { confirmed: "two seconds' worth of Events are created", cleared: loadEnded },
  options: loadOptions({ perSecond: 100, concurrency: 100 }),
  create: (machine, load, { cluster }) =>
    apiLoadFault('events', cluster, machine, load, {
      confirmed: `Events are created through ${machine.name}`,
      by: ({ succeeded = 0 }) => succeeded >= load.perSecond * 2,
    }),
})
