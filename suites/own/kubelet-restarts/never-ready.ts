import { scenario } from '../../../harness/run/scenario.ts'

/** A kubelet restarts three times under a pod whose readiness probe never succeeds, and pods that are always ready. */
export default scenario(
  'never-ready',
  { describe: 'Restart a kubelet under a pod that is never ready', topology: 'single', contracts: ['KLET-04'] },
  async ({ cluster, faults, traffic, until, consistently }) => {
    await traffic.deploy('web', { replicas: 2 })
    await traffic.workloads.deployment('unready', { replicas: 1, neverReady: true })
    const isRunning = async () => (await traffic.pods('unready')).some(({ status }) => status?.phase === 'Running')
    await until('the unready pod to run', isRunning, { timeoutMs: 60_000 })
    const [host] = cluster.workers
    if (!host) throw new Error('the cluster has no worker')
    for (let n = 0; n < 3; n++) {
      {
        await using _ = await faults.kill({ machine: host, component: 'kubelet' })
      }
      await consistently('the kubelet is left alone', () => true, { forMs: 10_000, intervalMs: 1_000 })
    }
    await traffic.settled('web')
  },
)
