import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { faultWindows, type FaultWindow } from '../faults/fault-windows.ts'
import { recordings } from '../recording/recording.ts'
import { kubeProxyRules } from '../testing/proxy-sample.ts'
import { partitionEtcd } from '../testing/sample-journals.ts'
import { verdictOf } from '../testing/verdict.ts'

/** The journal, with a prober that did not run for a second from some time on. */
function blindAt(journal: readonly JournalRecord[], at: number, source: string): JournalRecord[] {
  const end = journal.findLastIndex(({ kind }) => kind === 'scenario')
  const reason = 'the probe did not run'
  const gap = { kind: 'gap', at, until: at + 1_000, source, resource: 'probe n/web-tcp', reason } as const
  return journal.toSpliced(end, 0, gap)
}

/** The journal without a prober's attempts from some time on, or for a second. */
function silentFrom(journal: readonly JournalRecord[], at: number, source: string, lasts = Infinity): JournalRecord[] {
  return journal.filter((one) => one.kind !== 'attempt' || one.from !== source || one.at < at || one.at >= at + lasts)
}

test.each([
  ['API-08', partitionEtcd(), ({ fault, target }: FaultWindow) => fault === 'kill' && target.component === 'etcd'],
  [
    'PROXY-03',
    kubeProxyRules(),
    ({ fault, target }: FaultWindow) => fault === 'kill' && target.component === 'kube-proxy',
  ],
  [
    'PROXY-04',
    kubeProxyRules(),
    ({ fault, target }: FaultWindow) => fault === 'kill' && target.component === 'kube-proxy',
  ],
] as const)('%s is inconclusive where a prober that it relies on did not run', (contract, journal, relevant) => {
  const windows = recordings(journal).flatMap(faultWindows).filter(relevant)
  const window = windows.at(-1)
  if (!window) throw new Error('the sample journal has such a fault')
  const prober = contract === 'API-08' ? 'worker1' : (window.target.machines[0] ?? '')
  expect(verdictOf(contract, journal).status).toBe('pass')
  const blind = verdictOf(contract, blindAt(journal, window.from + 2_000, prober))
  expect(blind).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
  const busy = { kind: 'host', at: window.from + 3_000, everyMs: 2_000, latestMs: 900, cores: 2 } as const
  const noisy = blindAt(journal, window.from + 2_000, prober).toSpliced(-1, 0, busy)
  expect(verdictOf(contract, noisy)).toMatchObject({ status: 'inconclusive', code: 'HOST_NOISE' })
  // A killed prober records no gap.
  for (const lasts of [1_000, Infinity]) {
    const silent = verdictOf(contract, silentFrom(journal, window.from + 2_000, prober, lasts))
    expect(silent.status, silent.reason).toBe('inconclusive')
    expect(silent.reason).toMatch(/no attempt of|connections were made meanwhile/)
  }
  // Before the fault it does not matter.
  expect(verdictOf(contract, blindAt(journal, window.intentAt - 3_000, prober)).status).toBe('pass')
})
