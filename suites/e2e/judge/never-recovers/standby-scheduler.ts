import { scenario } from '../../../../harness/run/scenario.ts'
import { stopByHand } from './by-hand.ts'

/** The standby scheduler is stopped without a declared fault: nothing takes over when the leader is killed. */
export default scenario(
  'standby-scheduler',
  { describe: 'Kill the leading scheduler without a standby', topology: 'ha' },
  async ({ cluster, faults, traffic, until }) => {
    await traffic.deploy('shop', { replicas: 3 })
    const leader = await cluster.leader('kube-scheduler')
    for (const { machine } of await cluster.followers('kube-scheduler')) await stopByHand(machine, 'kube-scheduler')
    await using _ = await faults.kill(leader)
    await traffic.scale('shop', 5)
    await until(
      'another scheduler to lead',
      async () => (await cluster.leader('kube-scheduler')).machine !== leader.machine,
      { timeoutMs: 8 * cluster.leaseDurationMs },
    )
  },
)
