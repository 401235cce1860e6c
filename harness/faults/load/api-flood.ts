import { defineFault } from '../engine/fault-kind.ts'
import { apiLoadFault, loadEnded, loadOptions } from './api-load.ts'

/**
 * One service account sends list requests to one API server, faster than it can answer; the first 429 (priority and fairness)
 * confirms the effect.
 */
export const apiFlood = defineFault({
  name: 'api-flood',
  describe: 'Sends requests for large lists to one API server as one service account, faster than it can answer',
  hits: 'machine',
  evidence: { confirmed: 'the API server has answered at least one request with 429', cleared: loadEnded },
  /**
   * More than the API server executes (600 by its flags) plus queues for one account (6 queues of 50), with a margin for a busy
   * host. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
   */
  options: loadOptions({ perSecond: 400, concurrency: 1600 }),
  create: (machine, load, { cluster }) =>
    apiLoadFault('lists', cluster, machine, load, {
      confirmed: `the API server on ${machine.name} rejects requests with 429`,
      by: ({ throttled = 0 }) => throttled > 0,
    }),
})
