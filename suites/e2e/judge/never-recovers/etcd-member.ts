import { scenario } from '../../../../harness/run/scenario.ts'
import { byHand } from './by-hand.ts'

/** An etcd member's peer traffic is dropped while the member is down: it can't rejoin once the fault is healed. */
export default scenario(
  'etcd-member',
  { describe: 'Kill an etcd member that can not rejoin', topology: 'ha' },
  async ({ cluster, faults, traffic, until }) => {
    await traffic.deploy('shop', { replicas: 2 })
    const leader = await cluster.leader('etcd')
    {
      await using _ = await faults.kill(leader)
      await until('the other members to elect a leader', () => cluster.probeWrite(), { timeoutMs: 30_000 })
      // The member's process starts, but its packets to and from peers are dropped.
      await byHand(
        leader.machine,
        'nft add table inet by_hand; nft add chain inet by_hand in "{ type filter hook input priority 0; }"; nft add rule inet by_hand in tcp dport 2380 drop; nft add rule inet by_hand in tcp sport 2380 drop',
      )
    }
    await until('all members to agree on one leader', () => cluster.etcdAgrees(), { timeoutMs: 60_000 })
  },
)
