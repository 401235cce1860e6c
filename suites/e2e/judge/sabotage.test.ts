import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judgeJournal } from '../../../harness/contracts/judge-journal.ts'
import type { Verdict } from '../../../harness/judge/verdict/verdict.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import { runScenario } from '../../../harness/run/scenario/run-scenario.ts'
import { type Scenario, scenario } from '../../../harness/run/scenario.ts'
import { hostNoise } from '../../../harness/vitest/contract-tests.ts'
import { type OwnCluster, ownCluster } from '../../../harness/vitest/own-cluster.ts'
import { booted } from '../faults/breakable-cluster.ts'
import { silentWatch, unwritableServer } from './sabotage/api-servers.ts'
import { restartedContainers } from './sabotage/kubelet-restart.ts'
import { apiServerLoses, frozenMember, quarterLost, silentAfterChange } from './sabotage/lost-connections.ts'
import { rolledBackFollower, rolledBackMember, rolledBackQuorum, unsyncedMember } from './sabotage/power-cuts.ts'
import type { Sabotage } from './sabotage/sabotage.ts'
import { changedLease, endlessLease, unlikeLease } from './sabotage/lease-settings.ts'
import { frozenManagers, noSliceController, strayedSlice } from './sabotage/slices.ts'
import { isNightly } from '../../../harness/vitest/nightly.ts'
import { killedKubelet, killedManager, secondScheduler, stoppedMember, stoppedProxy } from './sabotage/system.ts'

/*
 * Sabotage of clusters without a declared fault. Each contract must fail with a code that names the cause, and must pass for the
 * same use of the same cluster without the sabotage. The nightly run has all rows, other runs one of each file. Power cuts
 * are nightly: each takes a cluster, and the removal of its pods may take minutes after the sabotage.
 */

const always: readonly Sabotage[] = [strayedSlice, quarterLost, killedManager, unwritableServer, secondScheduler]
const nightly: readonly Sabotage[] = [
  silentAfterChange,
  apiServerLoses,
  restartedContainers,
  frozenManagers,
  noSliceController,
  frozenMember,
  endlessLease,
  unlikeLease,
  changedLease,
  silentWatch,
  killedKubelet,
  stoppedMember,
  stoppedProxy,
  rolledBackMember,
  unsyncedMember,
  rolledBackQuorum,
  rolledBackFollower,
]
// The second scheduler runs until its cluster is removed.
const sabotages = isNightly ? [...nightly, ...always] : always

const clusters = Map.groupBy(sabotages, ({ name, topology = 'single', alone }) =>
  alone ? `${topology}, for ${name} alone` : topology,
)

describe.each([...clusters])('on %s', (_, rows) => {
  const topology = rows[0]?.topology ?? 'single'
  let own: OwnCluster | undefined
  beforeAll(async () => {
    own = await ownCluster(topology, { signal: new AbortController().signal })
  })
  afterAll(() => own?.[Symbol.asyncDispose]())

  test.for(rows)('contracts fail with $name and pass without it', async (row, { skip }) => {
    const cluster = booted(own)
    await runOn(cluster, soundly(row, topology))
    await runOn(cluster, broken(row, topology))
    const contracts = row.expected.map(({ contract }) => contract)
    const verdicts = judgeJournal(await readJournal(cluster.journalPath), { contracts })
    const noisy = verdicts.find(({ scenario: name, code }) => name.startsWith(row.name) && code === hostNoise)
    if (noisy) skip(`${noisy.contract}: ${noisy.reason}`)
    expectFound(row, verdicts)
  })
})

function expectFound({ name, expected }: Sabotage, verdicts: readonly Verdict[]): void {
  const of = (scenarioName: string, contract: string): Verdict | undefined =>
    verdicts.find((one) => one.scenario === scenarioName && one.contract === contract)
  for (const { contract, code } of expected) {
    const [sound, sabotaged] = [of(`${name}-sound`, contract), of(name, contract)]
    expect.soft(sabotaged?.status, `${name}: ${contract} ${sabotaged?.reason}`).toMatch(/^(fail|late)$/)
    expect.soft([code].flat(), `${name}: ${contract} ${sabotaged?.reason}`).toContain(sabotaged?.code)
    expect.soft(sound?.status, `${name}-sound: ${contract} ${sound?.reason}`).toMatch(/^(pass|known)$/)
  }
}

async function runOn({ cluster, emit }: OwnCluster, what: Scenario): Promise<void> {
  await runScenario(what, cluster, xorshift128plus(1), emit, new AbortController().signal)
}

function soundly({ name, use }: Sabotage, topology: string): Scenario {
  const options = { describe: `${name}, without the sabotage`, topology }
  return scenario(`${name}-sound`, options, (context) => use(context, () => Promise.resolve()))
}

/** The repair is part of the scenario: the recording includes the recovery. */
function broken({ name, use, breaks }: Sabotage, topology: string): Scenario {
  return scenario(name, { describe: name, topology, testsFrom: 'start' }, async (context) => {
    await using repairs = new AsyncDisposableStack()
    await use(context, async () => {
      repairs.use(await breaks(context.cluster, context.traffic.workloads.namespace))
    })
  })
}
