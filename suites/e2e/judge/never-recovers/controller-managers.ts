import { scenario } from '../../../../harness/run/scenario.ts'
import { stopByHand } from './by-hand.ts'

/** Both controller managers are stopped without a declared fault: nothing replaces deleted pods. */
export default scenario(
  'controller-managers',
  { describe: 'Delete pods where no controller manager runs', topology: 'ha' },
  async ({ cluster, faults, traffic, until }) => {
    await traffic.deploy('shop', { replicas: 3 })
    for (const machine of cluster.controlPlane) await stopByHand(machine, 'kube-controller-manager')
    const { namespace } = traffic.workloads
    await using _ = await faults.deletePods({ namespace, selector: 'app=shop' })
    await until('the pods to be replaced', async () => (await traffic.pods('shop')).length === 3, { timeoutMs: 30_000 })
  },
)
