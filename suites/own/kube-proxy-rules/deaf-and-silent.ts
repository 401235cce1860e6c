import type { ProxyMode } from '../../../harness/cluster/agent/kernel-rules.ts'
import { eventually, holdsFor } from '../../../harness/eventually.ts'
import { type Scenario, scenario } from '../../../harness/run/scenario.ts'
import { byHand, frozen } from './by-hand.ts'

/* Of the same name as the real scenario, so that the same judge answers; nothing tells it what was done to the worker. */

const name = 'kube-proxy-rules'

export const deaf = scenario(
  name,
  { describe: 'A kube-proxy that hears nothing of a new Service', topology: 'single' },
  async ({ cluster, traffic, signal }) => {
    const [worker] = cluster.workers
    if (!worker) throw new Error('there is no worker')
    await traffic.deploy('web', { replicas: 2 })
    await using _ = traffic.followRules()
    {
      await using __ = await frozen(worker)
      await traffic.workloads.serviceOf('late', 'web', {})
      const differs = async (): Promise<boolean> => (await traffic.rules.differences(worker)).length > 0
      await eventually('the rules of the worker to be old', differs, { withinMs: 30_000, signal })
      await holdsFor('the rules of the worker being old', differs, { forMs: 7_000, everyMs: 1_000, signal })
    }
    await traffic.rules.settled(`${traffic.workloads.namespace}/late`, signal)
  },
)

/** All rules for Services stay as they are, and nothing that the worker sends to one gets as far as they are. */
export function silent(mode: ProxyMode): Scenario {
  return scenario(
    name,
    { describe: 'What a machine sends to a Service is dropped, where no rule for Services is', topology: 'single' },
    async ({ cluster, traffic, signal }) => {
      const [worker] = cluster.workers
      if (!worker) throw new Error('there is no worker')
      await traffic.deploy('web', { replicas: 2 })
      await traffic.probe('web')
      await using _ = traffic.followRules()
      const { clusterIp } = await traffic.workloads.addresses('web')
      const looksRight = async (): Promise<boolean> => (await traffic.rules.differences(worker)).length === 0
      const goesOn = () =>
        holdsFor('the rules of the worker looking right', looksRight, { forMs: 8_000, everyMs: 1_000, signal })
      // Nobody is blamed for what was asked a moment ago.
      await goesOn()
      await using __ = await byHand[mode].dropLeaving(worker, clusterIp)
      await goesOn()
    },
  )
}
