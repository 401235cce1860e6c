import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import type { Verdict } from '../../harness/judge/verdict.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { type Scenario, scenario } from '../../harness/run/scenario.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'
import { booted } from './breakable-cluster.ts'
import type { Sabotage } from './sabotage/sabotage.ts'
import { systemSabotages } from './sabotage/system.ts'

/* Components, members and instances of one cluster are broken by hand, one after the other, while no fault is declared. */

let own: OwnCluster | undefined
beforeAll(async () => {
  own = await ownCluster('ha', { signal: new AbortController().signal })
})
afterAll(() => own?.[Symbol.asyncDispose]())

test.each(systemSabotages)('$name is found, and nothing without it', async (row) => {
  const { cluster, emit, journalPath } = booted(own)
  for (const one of [soundly(row), broken(row)]) {
    await play(one, cluster, xorshift128plus(1), emit, new AbortController().signal)
  }
  const contracts = row.expected.map(({ contract }) => contract)
  const verdicts = judgeJournal(await readJournal(journalPath), { contracts })
  for (const { contract, code } of row.expected) {
    const of = (name: string): Verdict | undefined =>
      verdicts.find((one) => one.scenario === name && one.contract === contract)
    expect(of(row.name), of(row.name)?.reason).toMatchObject({ status: 'fail', code })
    expect(of(`${row.name}-sound`)?.status, of(`${row.name}-sound`)?.reason).toBe('pass')
  }
})

function soundly({ name, use }: Sabotage): Scenario {
  const options = { describe: `${name}, without the sabotage`, topology: 'ha' }
  return scenario(`${name}-sound`, options, (context) => use(context, () => Promise.resolve()))
}

function broken({ name, use, breaks }: Sabotage): Scenario {
  return scenario(name, { describe: name, topology: 'ha', testsFrom: 'start' }, async (context) => {
    await using repairs = new AsyncDisposableStack()
    await use(context, async () => {
      repairs.use(await breaks(context.cluster, context.traffic.workloads.namespace))
    })
  })
}
