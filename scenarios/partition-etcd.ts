import { setTimeout as delay } from 'node:timers/promises'
import { isolated } from '../harness/faults/grudges.ts'
import { scenario } from '../harness/run/scenario.ts'

/** etcd's leader is cut off from its peers; after that heals, two of three members die and the quorum is lost. */
export default scenario(
  'partition-etcd',
  {
    describe: 'Isolate the etcd leader from its peers, heal; kill two of three members, heal; read every write back',
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

    step(`isolate ${leader.machine.name}, etcd's leader, from its peers`)
    {
      await using _ = await faults.partition(isolated(leader.machine, members))
      await until(
        'the majority to elect',
        async () => (await cluster.leaderBy(members)) !== leader.machine.name,
        minute,
      )
      await until('the majority to take writes through the API servers', () => cluster.probeWrite(), minute)
      // Long enough that writes to the minority have run into their time-outs.
      await consistently('the majority leads', async () => (await cluster.leaderBy(members)) !== leader.machine.name, {
        forMs: 5_000,
        intervalMs: 200,
      })
    }
    step('healed: all members agree again')
    await until('one leader for all', () => cluster.etcdAgrees(), minute)
    await traffic.sample('web', { rounds: 2 })

    const survivor = choose(cluster.all('etcd'))
    const [first, second] = cluster.all('etcd').filter(({ machine }) => machine !== survivor.machine)
    if (!first || !second) throw new Error('losing the quorum takes three members')
    step(`kill etcd on ${first.machine.name} and ${second.machine.name}: the quorum is lost`)
    {
      await using one = await faults.kill(first)
      await using two = await faults.kill(second)
      // An outage has no end to wait for: this is how long it is to last.
      await delay(20_000, undefined, { signal })
      step('both members come back')
      await Promise.all([one.heal(), two.heal()])
    }
    await until('one leader for all', () => cluster.etcdAgrees(), minute)
    await until('every API server to take writes', () => cluster.probeWriteThroughAll(), { timeoutMs: 120_000 })
    await until('the elections to be held', () => cluster.electionsHeld(), { timeoutMs: 120_000 })
    await traffic.settled('web')
    step('read everything back')
    await attempt('everything written to be read back', () => ledger.close(signal))
    step('sample the balance')
    await traffic.sample('web', { rounds: 2 })
  },
)
