import { setTimeout as delay } from 'node:timers/promises'
import { scenario } from '../harness/run/scenario.ts'
import { Histories } from '../harness/traffic/history/histories.ts'

const outageMs = 5_000
const enough = 100

/** Clients work on the same objects over both API servers and on all etcd members while each kind of server dies or freezes. */
export default scenario(
  'consistency',
  {
    describe:
      'Write, read, list and watch the same objects over both API servers and on every etcd member, while an API server is killed, the etcd leader is killed and the other API server is frozen',
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
    if (!first || !second) throw new Error('the histories need two API servers')

    step(`kill the API server on ${first.machine.name}`)
    {
      await using _ = await faults.kill(first)
      // An outage has no end to wait for: this is how long it is to last.
      await delay(outageMs, undefined, { signal })
      await confirmed()
      await attempt('a watch of an API server to break off', () => histories.interrupted())
    }
    await until('the API servers to take writes', () => cluster.probeWrite(), { timeoutMs: 60_000 })

    const leader = await cluster.leader('etcd')
    step(`kill etcd on ${leader.machine.name}, its leader`)
    {
      await using _ = await faults.kill(leader)
      await delay(outageMs, undefined, { signal })
      await confirmed()
    }
    await until('one leader for all', () => cluster.etcdAgrees(), { timeoutMs: 60_000 })

    step(`freeze the API server on ${second.machine.name}`)
    {
      await using _ = await faults.pause(second)
      await delay(outageMs, undefined, { signal })
      await confirmed()
    }
    await confirmed()
    step('list, watch and read everything to the end')
    await attempt('everything to be listed, watched and read to the end', () => histories.close())
    await until('the elections to be held', () => cluster.electionsHeld(), { timeoutMs: 120_000 })
  },
)
