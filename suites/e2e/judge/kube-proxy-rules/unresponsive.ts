import type { ProxyMode } from '../../../../harness/agent/kube-proxy/kernel-rules.ts'
import { eventually, consistently } from '../../../../harness/common/eventually.ts'
import { type Scenario, scenario } from '../../../../harness/run/scenario.ts'
import { byHand, frozen } from './by-hand.ts'

/* These scenarios have the name of the real one, so that the same contracts apply. No record shows the changes to the worker. */

const name = 'kube-proxy-rules'

export const withoutWatches = scenario(
  name,
  { describe: 'A frozen kube-proxy misses a new Service', topology: 'single' },
  async ({ cluster, traffic, signal }) => {
    const [worker] = cluster.workers
    if (!worker) throw new Error('the cluster has no worker')
    await traffic.deploy('web', { replicas: 2 })
    await using _ = traffic.followRules()
    {
      await using __ = await frozen(worker)
      await traffic.workloads.serviceOf('late', 'web', {})
      const differs = async (): Promise<boolean> => (await traffic.rules.differences(worker)).length > 0
      await eventually('the rules of the worker to be old', differs, { timeoutMs: 30_000, signal })
      await consistently('the rules of the worker to stay old', differs, { forMs: 7_000, intervalMs: 1_000, signal })
    }
    await traffic.rules.waitUntilRulesMatch(`${traffic.workloads.namespace}/late`, signal)
  },
)

/** Drops the worker's packets to a Service before they reach the unchanged Service rules. */
export function withoutAnswers(mode: ProxyMode): Scenario {
  return scenario(
    name,
    { describe: 'Drop packets to a Service outside of the Service rules', topology: 'single' },
    async ({ cluster, traffic, signal }) => {
      const [worker] = cluster.workers
      if (!worker) throw new Error('the cluster has no worker')
      await traffic.deploy('web', { replicas: 2 })
      await traffic.probe('web')
      await using _ = traffic.followRules()
      const { clusterIp } = await traffic.workloads.addresses('web')
      const rulesAreCorrect = async (): Promise<boolean> => (await traffic.rules.differences(worker)).length === 0
      const goesOn = () =>
        consistently('the rules of the worker to stay correct', rulesAreCorrect, {
          forMs: 8_000,
          intervalMs: 1_000,
          signal,
        })
      // Contracts allow a grace after a change.
      await goesOn()
      await using __ = await byHand[mode].dropLeaving(worker, clusterIp)
      await goesOn()
    },
  )
}
