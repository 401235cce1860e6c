import { scenario } from '../../../../harness/run/scenario.ts'
import { stopByHand } from './by-hand.ts'

/** Both controller managers are stopped before a drain, without a declared fault: nothing replaces the drained pods. */
export default scenario(
  'drained-pods',
  { describe: 'Drain a Node while nothing replaces its pods', topology: 'ha' },
  async ({ cluster, faults, traffic, until }) => {
    await traffic.deploy('shop', { replicas: 6, slowStopSeconds: 0, graceSeconds: 5 })
    const hosts = (await traffic.pods('shop')).map(({ spec }) => spec?.nodeName)
    const [drained] = cluster.workers.filter(({ name }) => name !== traffic.clientHost.name && hosts.includes(name))
    if (!drained) throw new Error('no worker besides the client runs a pod')
    for (const machine of cluster.controlPlane) await stopByHand(machine, 'kube-controller-manager')
    await using _ = await faults.drain(drained, { timeoutSeconds: 60 })
    await until('six pods to exist', async () => (await traffic.pods('shop')).length === 6, { timeoutMs: 30_000 })
  },
)
