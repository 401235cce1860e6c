import { scenario } from '../harness/run/scenario.ts'
import { killLeaderInBurst } from './placement/burst.ts'
import { placeOnBusyNode } from './placement/busy-node.ts'
import { emptyWorkers, placementContext } from './placement/placement-context.ts'
import { preempt } from './placement/saturation.ts'

/** Pods with every kind of placement rule, while the leading scheduler dies, Nodes are full and a Node is busy. */
export default scenario(
  'placement',
  {
    describe: 'Place pods by every kind of rule; kill the leading scheduler in a burst; fill Nodes and preempt',
    topology: 'wide',
    contracts: [
      'SCHED-01',
      'SCHED-03',
      'SCHED-05',
      'SCHED-07',
      'SCHED-08',
      'SCHED-11',
      'SCHED-12',
      'SCHED-14',
      'SYS-01',
      'SYS-02',
      'CP-01',
      'CP-02',
    ],
  },
  async (scenarioContext) => {
    const context = placementContext(scenarioContext, await emptyWorkers(scenarioContext))
    await killLeaderInBurst(context)
    await preempt(context)
    await placeOnBusyNode(context)
  },
)
