import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { describe, expect, test } from 'vitest'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { scenario } from '../../harness/run/scenario.ts'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'
import { silentWatch, unwritableServer } from './sabotage/api-servers.ts'
import { restartedContainers } from './sabotage/kubelet-restart.ts'
import type { Sabotage } from './sabotage/sabotage.ts'
import { endlessLease, unlikeLease } from './sabotage/settings.ts'

/* Sources and settings of real clusters that are broken by hand, behind Holdfast's back: each is found, and nothing without it. */

const rows: readonly Sabotage[] = [endlessLease, restartedContainers, unlikeLease, unwritableServer, silentWatch]

describe.each([...Map.groupBy(rows, ({ topology = 'single' }) => topology)])('on %s', (topology, own) => {
  test('each sabotage is found, and nothing without it', { timeout: 30 * 60_000 }, async ({ signal }) => {
    await using booted = await ownCluster(topology, { signal })
    const { cluster, emit } = booted
    for (const { name, use, breaks } of own) {
      const options = { describe: name, topology, testsFrom: 'start' } as const
      const sound = scenario(`${name}-sound`, options, (context) => use(context, () => Promise.resolve()))
      const broken = scenario(name, options, async (context) => {
        await using repairs = new AsyncDisposableStack()
        await use(context, async () => void repairs.use(await breaks(cluster, context.traffic.workloads.namespace)))
      })
      for (const one of [sound, broken]) await play(one, cluster, xorshift128plus(1), emit, signal)
    }
    const all = judgeJournal(await readJournal(booted.journalPath))
    for (const { name, expected } of own) {
      for (const { contract, code } of expected) {
        const of = (wanted: string) => all.find((one) => one.scenario === wanted && one.contract === contract)
        expect.soft(of(name), of(name)?.reason).toMatchObject({ status: 'fail', code })
        expect.soft(['pass', 'known'], of(`${name}-sound`)?.reason).toContain(of(`${name}-sound`)?.status)
      }
    }
  })
})
