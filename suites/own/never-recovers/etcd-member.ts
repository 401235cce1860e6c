import { scenario } from '../../../harness/run/scenario.ts'
import { byHand } from './by-hand.ts'

/** While an etcd member is down, its data is damaged by hand: it can't rejoin once the fault is healed. */
export default scenario(
  'etcd-member',
  { describe: 'Kill an etcd member that can not rejoin', topology: 'ha' },
  async ({ cluster, faults, traffic, until }) => {
    await traffic.deploy('shop', { replicas: 2 })
    const leader = await cluster.leader('etcd')
    {
      await using _ = await faults.kill(leader)
      await until('the others to elect', () => cluster.probeWrite(), { timeoutMs: 30_000 })
      // Packets to and from its peers go nowhere from now on; the process itself starts.
      await byHand(
        leader.machine,
        'nft add table inet by_hand; nft add chain inet by_hand in "{ type filter hook input priority 0; }"; nft add rule inet by_hand in tcp dport 2380 drop; nft add rule inet by_hand in tcp sport 2380 drop',
      )
    }
    await until('one leader for all', () => cluster.etcdAgrees(), { timeoutMs: 60_000 })
  },
)
