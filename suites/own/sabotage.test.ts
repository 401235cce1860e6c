import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import type { Verdict } from '../../harness/judge/verdict.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { type Scenario, scenario } from '../../harness/run/scenario.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'
import { booted } from './breakable-cluster.ts'
import { apiServerLoses, frozenMember, quarterLost, silentAfterChange } from './sabotage/lost-connections.ts'
import type { Sabotage } from './sabotage/sabotage.ts'
import { frozenManagers, noSliceController, strayedSlice } from './sabotage/slices.ts'

/*
 * Clusters that are broken by hand while no fault is declared. Each contract has to fail with a code that names the cause, and the same
 * use of the same cluster without the sabotage must not.
 */

const sabotages: readonly Sabotage[] = [
  strayedSlice,
  quarterLost,
  silentAfterChange,
  apiServerLoses,
  frozenManagers,
  noSliceController,
  frozenMember,
]

describe.each([...Map.groupBy(sabotages, ({ topology = 'single' }) => topology)])('on %s', (topology, rows) => {
  let own: OwnCluster | undefined
  beforeAll(async () => {
    own = await ownCluster(topology, { signal: new AbortController().signal })
  })
  afterAll(() => own?.[Symbol.asyncDispose]())

  test.each(rows)('$name is found, and nothing without it', async (row) => {
    const cluster = booted(own)
    await playOn(cluster, soundly(row, topology))
    await playOn(cluster, broken(row, topology))
    const contracts = row.expected.map(({ contract }) => contract)
    expectFound(row, judgeJournal(await readJournal(cluster.journalPath), { contracts }))
  })
})

function expectFound({ name, expected }: Sabotage, verdicts: readonly Verdict[]): void {
  const of = (scenarioName: string, contract: string): Verdict | undefined =>
    verdicts.find((one) => one.scenario === scenarioName && one.contract === contract)
  for (const { contract, code } of expected) {
    const [sound, sabotaged] = [of(`${name}-sound`, contract), of(name, contract)]
    expect.soft(sabotaged?.status, `${name}: ${contract} ${sabotaged?.reason}`).toMatch(/^(fail|late)$/)
    expect.soft([code].flat(), `${name}: ${contract} ${sabotaged?.reason}`).toContain(sabotaged?.code)
    expect.soft(sound?.status, `${name}-sound: ${contract} ${sound?.reason}`).toBe('pass')
  }
}

async function playOn({ cluster, emit }: OwnCluster, what: Scenario): Promise<void> {
  await play(what, cluster, xorshift128plus(1), emit, new AbortController().signal)
}

function soundly({ name, use }: Sabotage, topology: string): Scenario {
  const options = { describe: `${name}, without the sabotage`, topology }
  return scenario(`${name}-sound`, options, (context) => use(context, () => Promise.resolve()))
}

/** The repair is part of the scenario: what is recorded after it is the cluster's way back. */
function broken({ name, use, breaks }: Sabotage, topology: string): Scenario {
  return scenario(name, { describe: name, topology, testsFrom: 'start' }, async (context) => {
    await using repairs = new AsyncDisposableStack()
    await use(context, async () => {
      repairs.use(await breaks(context.cluster, context.traffic.workloads.namespace))
    })
  })
}
