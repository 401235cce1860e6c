import { scenario } from '../harness/run/scenario.ts'

/** A kubelet that starts again learns from the API and the runtime what runs; a probe may not have answered it yet. */
export default scenario(
  'restart-kubelet',
  {
    describe: 'The kubelet of one machine is killed twice and started again, with a pod there that is never ready',
    topology: 'ha',
    contracts: ['KLET-04', 'CP-01', 'SYS-01', 'SYS-02'],
  },
  async ({ cluster, faults, traffic, consistently, step }) => {
    await traffic.deploy('web', { replicas: 3 })
    await traffic.workloads.deployment('unready', { replicas: 1, neverReady: true })
    const node = await traffic.workloads.nodeOf('unready')
    for (const restart of ['first', 'second']) {
      step(`the ${restart} restart of the kubelet of ${node}`)
      {
        await using _ = await faults.kill({ machine: cluster.machine(node), component: 'kubelet' })
      }
      await consistently('the unready pod is not Ready', async () => !(await traffic.workloads.isAnyReady('unready')), {
        forMs: 5_000,
        intervalMs: 250,
      })
    }
    await traffic.settled('web')
  },
)
