import { scenario } from '../harness/run/scenario.ts'

/** A restarted kubelet reads its pods from the API and the runtime, possibly before a readiness probe has succeeded. */
export default scenario(
  'restart-kubelet',
  {
    describe: 'Kill and restart the kubelet of one machine twice, beside a pod that is never ready',
    topology: 'ha',
    contracts: ['KLET-04', 'KLET-01', 'KLET-09', 'CP-01', 'SYS-01', 'SYS-02'],
  },
  async ({ cluster, faults, traffic, consistently, step }) => {
    await traffic.deploy('web', { replicas: 3 })
    await traffic.workloads.deployment('unready', { replicas: 1, neverReady: true })
    const node = await traffic.workloads.nodeOf('unready')
    for (const restart of ['first', 'second']) {
      step(`restart the kubelet of ${node}: ${restart} time`)
      {
        await using _ = await faults.kill({ machine: cluster.machine(node), component: 'kubelet' })
      }
      await consistently('the unready pod is not Ready', async () => !(await traffic.workloads.isAnyReady('unready')), {
        forMs: 5_000,
        intervalMs: 250,
      })
    }
    await traffic.rolloutComplete('web')
  },
)
