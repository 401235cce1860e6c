import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'
import neverReady from './kubelet-restarts/never-ready.ts'

/* What a kubelet that starts again says of a pod that was never ready is a race: it is right, or wrong in the way that is known. */

test('a restart of the kubelet is judged, and the mistake of its version is known', async ({ signal }) => {
  await using own = await ownCluster('single', { signal })
  await play(neverReady, own.cluster, xorshift128plus(1), own.emit, signal)
  const [verdict] = judgeJournal(await readJournal(own.journalPath), { contracts: ['KLET-04'] })
  expect(['UNDISTURBED pass', 'READY_WITHOUT_PROBE known'], verdict?.reason).toContain(
    `${verdict?.code} ${verdict?.status}`,
  )
})
