import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-sample.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** The removed rules are missing from the last snapshot before the fault is reverted, too. */
function neverWritten(records: readonly JournalRecord[]): JournalRecord[] {
  const hash = records.flatMap((one) => (one.kind === 'rules' && one.at === start + 33_000 ? [one.hash] : [])).at(0)
  return edited(records, 'rules', (snapshot) => {
    if (snapshot.machine !== 'worker1' || snapshot.at !== start + 60_000 || hash === undefined) return snapshot
    const { text: _, ...seen } = snapshot
    return { ...seen, hash }
  })
}

function syncingEvery(period: string, records: readonly JournalRecord[]): JournalRecord[] {
  return edited(records, 'config', (record) =>
    record.component === 'kube-proxy'
      ? { ...record, values: { ...record.values, 'iptables.syncPeriod': period } }
      : record,
  )
}

test('PROXY-05 fails for rules that kube-proxy does not write again, and is not exercised without a snapshot of the removal', () => {
  expect(verdictOf('PROXY-05', syncingEvery('10s', neverWritten(kubeProxyRules())))).toMatchObject({
    status: 'fail',
    code: 'RULES_NOT_REPAIRED',
    values: { machine: 'worker1', forMs: 28_000 },
    bound: { limit: 15_000 },
  })
  const unseen = edited(kubeProxyRules(), 'rules', (record) => (record.at === start + 33_000 ? undefined : record))
  expect(verdictOf('PROXY-05', unseen)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
})

test('PROXY-05 is not exercised where the fault was reverted while kube-proxy had time left', () => {
  expect(verdictOf('PROXY-05', neverWritten(kubeProxyRules()))).toMatchObject({
    status: 'inconclusive',
    code: 'STIMULUS_ABSENT',
  })
})

test('PROXY-05 takes its bound from the sync period in force', () => {
  expect(verdictOf('PROXY-05', syncingEvery('10s', kubeProxyRules()))).toMatchObject({
    status: 'late',
    code: 'RULES_REPAIRED_LATE',
    measured: 28_000,
    bound: { limit: 15_000 },
  })
})

test('PROXY-05 counts from the first change where kube-proxy checks only when it writes, and is not exercised without a change', () => {
  const settings = { mode: 'nftables', 'nftables.syncPeriod': '10s' }
  const inModeNftables = (records: readonly JournalRecord[]): JournalRecord[] =>
    edited(records, 'config', (record) =>
      record.component === 'kube-proxy' ? { ...record, values: { ...record.values, ...settings } } : record,
    )
  expect(verdictOf('PROXY-05', inModeNftables(kubeProxyRules())).code).toBe('STIMULUS_ABSENT')
  const changed = kubeProxyRules((sound) => sound.endpoints(40_000, 'sink', []))
  expect(verdictOf('PROXY-05', inModeNftables(changed))).toMatchObject({
    status: 'fail',
    code: 'RULES_NOT_REPAIRED',
    values: { forMs: 20_000 },
  })
  const followed = kubeProxyRules((sound) => {
    sound.endpoints(40_000, 'sink', [])
    sound.snapshot(52_000, ['worker1'])
  })
  expect(verdictOf('PROXY-05', inModeNftables(followed))).toMatchObject({
    status: 'pass',
    code: 'RULES_REPAIRED',
    values: { sinceChange: true },
    measured: 12_000,
  })
})
