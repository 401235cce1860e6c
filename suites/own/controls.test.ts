import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { scenario } from '../../harness/run/scenario.ts'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'

/* Clusters that are wrong on purpose: a judge that does not notice is worth nothing. */

/** The same name as the real scenario, so that the same judges answer; there is no lease to find a leader by. */
const twoSchedulers = scenario(
  'kill-scheduler',
  { describe: 'Two schedulers that both think they are alone', topology: 'ha' },
  async ({ cluster, faults, traffic }) => {
    const [first] = cluster.all('kube-scheduler')
    if (!first) throw new Error('there is no scheduler')
    await traffic.deploy('web', { replicas: 6 })
    await traffic.scale('web', 12)
    await traffic.settled('web')
    await using _ = await faults.kill(first)
    await traffic.scale('web', 14)
    await traffic.settled('web')
  },
)

test('two schedulers without leader election turn SCHED-14 red', async ({ signal }) => {
  await using own = await ownCluster('ha', { signal, schedulerLeaderElection: false })
  await play(twoSchedulers, own.cluster, xorshift128plus(1), own.emit, signal)
  const [verdict] = judgeJournal(await readJournal(own.journalPath), { contracts: ['SCHED-14'] })
  expect(verdict?.status, verdict?.reason).toBe('fail')
})
