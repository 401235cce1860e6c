import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { eventually } from '../../harness/eventually.ts'
import { isolated } from '../../harness/faults/grudges.ts'
import { judge } from '../../harness/judge/judge.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { scenario } from '../../harness/run/scenario.ts'
import { consistentList } from '../../harness/traffic/history/api-lists.ts'
import { ApiStore } from '../../harness/traffic/history/api-store.ts'
import { perform } from '../../harness/traffic/history/history-client.ts'
import type { Request, Store } from '../../harness/traffic/history/store.ts'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'

/* Reads that are really stale: a judge that does not notice is worth nothing. */

const key = 'object-stale'
const request = (more: Partial<Request>): Request => ({ operation: 'get', key, precondition: 0, value: '', ...more })

/** The same name as the real scenario, so that the same judges answer. */
const staleReads = scenario(
  'consistency',
  {
    describe: 'A client reads from the cache of an API server that has lost etcd, and claims to have read consistently',
    topology: 'ha',
  },
  async ({ cluster, faults, traffic, signal, record }) => {
    const { namespace } = traffic.workloads
    const [first, second] = cluster.kubernetes.servers
    if (!first || !second) throw new Error('stale reads need two API servers')
    const [newest, behind] = [new ApiStore(first, namespace), new ApiStore(second, namespace)]
    const careless: Store = {
      via: behind.via,
      kind: behind.kind,
      carryOut: (asked) => behind.carryOut({ ...asked, operation: 'cached-get' }),
    }
    const { revision } = await perform('writer', newest, request({ operation: 'create', value: 'old' }), record)
    const cached = async (): Promise<boolean> => (await careless.carryOut(request({}))).revision === revision
    await eventually(`the cache of ${second.name} to have it`, cached, { withinMs: 30_000, signal })
    {
      await using _ = await faults.partition(isolated(cluster.machine(second.name), cluster.etcd))
      await perform('writer', newest, request({ operation: 'patch', value: 'new' }), record)
      await perform('careless', careless, request({}), record)
    }
    await consistentList(first, { client: 'lister', namespace, prefix: 'object-', emit: record })
  },
)

test('a client that takes an old cache for the newest state turns API-03 red', async ({ signal }) => {
  await using own = await ownCluster('ha', { signal })
  await play(staleReads, own.cluster, xorshift128plus(1), own.emit, signal)
  const [verdict] = judge(await readJournal(own.journalPath), { contracts: ['API-03'] })
  expect(verdict?.status, verdict?.reason).toBe('fail')
  expect(verdict?.reason).toContain(`get ${key} by careless: old`)
})
