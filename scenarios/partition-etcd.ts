import { setTimeout as delay } from 'node:timers/promises'
import { isolated } from '../harness/faults/network/grudges.ts'
import { scenario } from '../harness/run/scenario.ts'

/** The etcd leader is isolated from its peers and healed; then two of three members are killed and quorum is lost. */
export default scenario(
  'partition-etcd',
  {
    describe:
      'Isolate the etcd leader from its peers and heal; kill two of three members and heal; read every write back',
    topology: 'ha',
    contracts: ['API-08', 'ETCD-02', 'ETCD-03', 'ETCD-04', 'PROXY-02', 'SYS-01', 'SYS-02', 'CP-01'],
  },
  async ({ cluster, faults, traffic, signal, until, consistently, attempt, choose, step }) => {
    const minute = { timeoutMs: 60_000 } as const
    await traffic.deploy('web', { replicas: 6 })
    await traffic.probe('web')
    const ledger = await traffic.ledger()
    const leader = await cluster.leader('etcd')
    const followers = await cluster.followers('etcd')
    const members = followers.map(({ machine }) => machine)

    step(`isolate the etcd leader on ${leader.machine.name} from its peers`)
    {
      await using _ = await faults.partition(isolated(leader.machine, members))
      await until(
        'the majority to elect a leader',
        async () => (await cluster.leaderBy(members)) !== leader.machine.name,
        minute,
      )
      await until('the majority to accept writes through the API servers', () => cluster.probeWrite(), minute)
      // Longer than the timeout of writes to the minority.
      await consistently(
        'the leader is in the majority',
        async () => (await cluster.leaderBy(members)) !== leader.machine.name,
        {
          forMs: 5_000,
          intervalMs: 200,
        },
      )
    }
    step('healed: wait until all members agree')
    await until('all members to agree on one leader', () => cluster.etcdAgrees(), minute)
    await traffic.sample('web', { rounds: 2 })

    const survivor = choose(cluster.all('etcd'))
    const [first, second] = cluster.all('etcd').filter(({ machine }) => machine !== survivor.machine)
    if (!first || !second) throw new Error('the scenario needs three etcd members')
    step(`kill etcd on ${first.machine.name} and ${second.machine.name}: quorum is lost`)
    {
      await using one = await faults.kill(first)
      await using two = await faults.kill(second)
      // The length of the outage.
      await delay(20_000, undefined, { signal })
      step('start both members again')
      await Promise.all([one.heal(), two.heal()])
    }
    await until('all members to agree on one leader', () => cluster.etcdAgrees(), minute)
    await until('every API server to accept writes', () => cluster.probeWriteThroughAll(), { timeoutMs: 120_000 })
    await until('the components to elect leaders', () => cluster.electionsHeld(), { timeoutMs: 120_000 })
    await traffic.rolloutComplete('web')
    step('read everything back')
    await attempt('every write to be read back', () => ledger.close(signal))
    step('sample the balance')
    await traffic.sample('web', { rounds: 2 })
  },
)
