import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { defineContract } from '../../../../harness/judge/contract.ts'
import { judge } from '../../../../harness/judge/judge.ts'
import { recordedEnd } from '../../../../harness/judge/recording/cluster-facts.ts'
import type { JournalRecord } from '../../../../harness/record/records.ts'
import { runScenario } from '../../../../harness/run/scenario/run-scenario.ts'
import { type ScenarioContext, scenario } from '../../../../harness/run/scenario.ts'
import type { PodPair } from './pod-pair.ts'

/** Scenarios with a refused fault, and with residue. */
export function scenarioTests(pair: () => PodPair, signal: AbortSignal): void {
  const name = 'made-up'
  const runOnPair = async (act: (context: ScenarioContext) => Promise<void>) => {
    const recorded: JournalRecord[] = []
    const emit = (record: JournalRecord): void => void recorded.push(record)
    const one = scenario(name, { describe: 'A scenario of a test.', topology: 'single' }, act)
    const { reusable } = await runScenario(one, pair().own.cluster, xorshift128plus(1), emit, signal)
    const residue = recorded.flatMap((record) => (record.kind === 'residue' ? record.found : []))
    return { recorded, reusable, residue }
  }
  const contract = defineContract({
    id: 'TEST-01',
    area: 'test',
    promise: 'The test contract passes.',
    reference: 'https://kubernetes.io/docs/',
    stimulus: {
      needs: 'a scenario that ran to its end',
      find: (recording) => (recordedEnd(recording)?.outcome === 'completed' ? [true] : []),
    },
    judge: () => ({ status: 'pass', code: 'FINE', values: {}, observed: 'fine', reason: 'The scenario ended.' }),
  })

  test('a scenario with a refused fault is invalid, and its cluster is reused', async () => {
    const { recorded, reusable } = await runOnPair(async ({ faults, cluster }) => {
      await faults.flushProxy(cluster.machine('etcd1'))
    })
    expect(judge(recorded, { catalogue: [contract], contracts: ['TEST-01'] })).toMatchObject([
      { status: 'invalid', code: 'FAULT_REFUSED' },
    ])
    expect(reusable).toBe(true)
  })

  test('a scenario with residue records it, and its cluster is not reused', async () => {
    const worker = pair().machine('worker')
    try {
      const { recorded, reusable, residue } = await runOnPair(async () => {
        await pair().shell(worker, 'nft add table inet holdfast_left')
      })
      expect(judge(recorded, { catalogue: [contract], contracts: ['TEST-01'] })).toMatchObject([{ status: 'pass' }])
      expect(residue).toEqual([
        { where: worker.name, what: 'nft table of ours', change: 'added', entry: 'table inet holdfast_left' },
      ])
      expect(reusable).toBe(false)
    } finally {
      await pair().shell(worker, 'nft delete table inet holdfast_left')
    }
  })
}
