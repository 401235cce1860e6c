import { setTimeout as delay } from 'node:timers/promises'
import { eventually, holdsFor } from '../harness/eventually.ts'
import { isolated } from '../harness/faults/grudges.ts'
import { scenario } from '../harness/run/scenario.ts'

/** etcd's leader is cut off from its peers; after that heals, two of three members die and the quorum is lost. */
export default scenario(
  'partition-etcd',
  {
    describe: 'Isolate the etcd leader from its peers, heal; kill two of three members, heal; read every write back',
    topology: 'ha',
    contracts: ['API-08', 'ETCD-02', 'ETCD-03', 'ETCD-04', 'PROXY-02'],
  },
  async ({ cluster, faults, traffic, signal, choose, step }) => {
    await traffic.deploy('web', { replicas: 6 })
    await traffic.probe('web')
    const ledger = await traffic.ledger()
    const leader = await cluster.leader('etcd')
    const followers = await cluster.followers('etcd')
    const members = followers.map(({ machine }) => machine)

    step(`isolate ${leader.machine.name}, etcd's leader, from its peers`)
    {
      await using _ = await faults.partition(isolated(leader.machine, members))
      await eventually('the majority to elect', async () => (await cluster.leaderBy(members)) !== leader.machine.name, {
        withinMs: 60_000,
        everyMs: 50,
        signal,
      })
      await eventually('the majority to take writes through the API servers', () => cluster.writable(), {
        withinMs: 60_000,
        signal,
      })
      // Long enough that writes to the minority have run into their time-outs.
      await holdsFor('the majority leading', async () => (await cluster.leaderBy(members)) !== leader.machine.name, {
        forMs: 5_000,
        everyMs: 200,
        signal,
      })
    }
    step('healed: all members agree again')
    await eventually('one leader for all', () => cluster.etcdAgrees(), { withinMs: 60_000, signal })
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
    await eventually('one leader for all', () => cluster.etcdAgrees(), { withinMs: 60_000, signal })
    // Written all along through each of them: one that does not come back is the judge's to say.
    await eventually('every API server to take writes', () => cluster.writableThroughAll(), {
      withinMs: 120_000,
      signal,
    }).catch(() => signal.throwIfAborted())
    await eventually('the elections to be held', () => cluster.electionsHeld(), { withinMs: 120_000, signal })
    await traffic.settled('web')
    step('read everything back')
    await ledger.close(signal)
    step('sample the balance')
    await traffic.sample('web', { rounds: 2 })
  },
)
