import { setTimeout as delay } from 'node:timers/promises'
import { scenario } from '../harness/run/scenario.ts'
import { Histories } from '../harness/traffic/history/histories.ts'

const outageMs = 5_000
const enough = 100

/** Clients use the same objects through both API servers and every etcd member while servers are killed or frozen. */
export default scenario(
  'consistency',
  {
    describe:
      'Write, read, list and watch the same objects through both API servers and every etcd member; kill an API server, kill the etcd leader, freeze the other API server',
    topology: 'ha',
    contracts: [
      'API-02',
      'API-03',
      'API-04',
      'API-05',
      'API-06',
      'API-07',
      'API-12',
      'ETCD-01',
      'ETCD-05',
      'ETCD-07',
      'ETCD-11',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async ({ cluster, faults, traffic, signal, until, attempt, choose, step, record }) => {
    const { namespace } = traffic.workloads
    await using histories = await Histories.start(cluster, { namespace, emit: record, choose, signal })
    const confirmed = () => attempt(`${enough} more operations to be confirmed`, () => histories.confirmed(enough))
    await confirmed()
    const [first, second] = cluster.apiServers
    if (!first || !second) throw new Error('the scenario needs two API servers')

    step(`kill the API server on ${first.machine.name}`)
    {
      await using _ = await faults.kill(first)
      // The length of the outage.
      await delay(outageMs, undefined, { signal })
      await confirmed()
      await attempt('a watch of an API server to end', () => histories.interrupted())
    }
    await until('the API servers to accept writes', () => cluster.probeWrite(), { timeoutMs: 60_000 })

    const leader = await cluster.leader('etcd')
    step(`kill the etcd leader on ${leader.machine.name}`)
    {
      await using _ = await faults.kill(leader)
      await delay(outageMs, undefined, { signal })
      await confirmed()
    }
    await until('all members to agree on one leader', () => cluster.etcdAgrees(), { timeoutMs: 60_000 })

    step(`freeze the API server on ${second.machine.name}`)
    {
      await using _ = await faults.pause(second)
      await delay(outageMs, undefined, { signal })
      await confirmed()
    }
    await confirmed()
    step('complete lists, watches and reads')
    await attempt('lists, watches and reads to complete', () => histories.close())
    await until('the components to elect leaders', () => cluster.electionsHeld(), { timeoutMs: 120_000 })
  },
)
