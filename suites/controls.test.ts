import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { timings } from '../harness/cluster/timings.ts'
import { topology } from '../harness/cluster/topology.ts'
import { chooseReaper, engine } from '../harness/cluster/engine.ts'
import { resolveImage } from '../harness/images/resolver.ts'
import { judge } from '../harness/judge/judge.ts'
import { Journal } from '../harness/record/journal.ts'
import { readJournal } from '../harness/record/read-journal.ts'
import { Lifetime } from '../harness/run/lifetime.ts'
import { openCluster } from '../harness/run/open-cluster.ts'
import { play } from '../harness/run/play.ts'
import { newRunId } from '../harness/run/run-id.ts'
import { scenario } from '../harness/run/scenario.ts'

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
  const run = newRunId()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-control-'))
  const path = join(folder, 'journal.ndjson')
  const journal = new Journal(path)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true }))
  cleanup.use(await Lifetime.begin(run, folder))
  await chooseReaper(await engine(), false)
  const { reference: image } = await resolveImage({ progress: () => undefined, signal })
  const { cluster, close } = await openCluster({
    run,
    folder,
    shape: topology('ha'),
    speed: timings('stock'),
    image,
    options: { distribution: 'upstream', keep: false, signal, schedulerLeaderElection: false },
    emit: (record) => journal.write(record),
    say: () => undefined,
  })
  await play(twoSchedulers, cluster, xorshift128plus(1), (record) => journal.write(record), signal)
  await close()
  journal.close()

  const [verdict] = judge(await readJournal(path), { contracts: ['SCHED-14'] })
  expect(verdict?.status, verdict?.reason).toBe('fail')
})
