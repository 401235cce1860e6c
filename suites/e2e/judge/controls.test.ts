import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { judgeJournal } from '../../../harness/contracts/judge-journal.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import { runScenario } from '../../../harness/run/scenario/run-scenario.ts'
import { scenario } from '../../../harness/run/scenario.ts'
import { ownCluster } from '../../../harness/vitest/own-cluster.ts'

/* Negative controls on clusters that are misconfigured on purpose. */

/** Has the name of the real scenario, so that the same contracts apply. No Lease shows a leader here. */
const twoSchedulers = scenario(
  'kill-scheduler',
  { describe: 'Two schedulers without leader election', topology: 'ha' },
  async ({ cluster, faults, traffic }) => {
    const [first] = cluster.all('kube-scheduler')
    if (!first) throw new Error('the cluster has no scheduler')
    await traffic.deploy('web', { replicas: 6 })
    await traffic.scale('web', 12)
    await traffic.rolloutComplete('web')
    await using _ = await faults.kill(first)
    await traffic.scale('web', 14)
    await traffic.rolloutComplete('web')
  },
)

test('SCHED-14 fails with two schedulers without leader election', async ({ signal }) => {
  await using own = await ownCluster('ha', { signal, schedulerLeaderElection: false })
  await runScenario(twoSchedulers, own.cluster, xorshift128plus(1), own.emit, signal)
  const [verdict] = judgeJournal(await readJournal(own.journalPath), { contracts: ['SCHED-14'] })
  expect(verdict?.status, verdict?.reason).toBe('fail')
})
