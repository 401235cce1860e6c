import { expect, test } from 'vitest'
import { killScheduler, partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

/** Ledger writes through both API servers during the schedulers' faults, which excuse no API server. */
function written(outcome: (machine: string, t: number) => RecordOf<'write'>['outcome']): JournalRecord[] {
  return killScheduler((builder) => {
    for (const machine of ['control-plane1', 'control-plane2']) {
      for (let t = 1_000; t < 80_000; t += 1_000) {
        const via = `apiserver@${machine}`
        const key = `${machine}-${t}`
        builder.add(t, { kind: 'write', endedAt: start + t + 5, via, key, value: 'x', outcome: outcome(machine, t) })
      }
    }
  })
}

const isOut = (machine: string, t: number): boolean => machine === 'control-plane2' && t >= 20_000 && t < 60_000

test('passes when API servers confirm writes alike', () => {
  expect(
    verdictOf(
      'API-17',
      written(() => 'acked'),
    ),
  ).toMatchObject({ status: 'pass', code: 'EACH_WRITABLE' })
})

test('passes for the outage of a declared fault', () => {
  expect(verdictOf('API-17', partitionEtcd())).toMatchObject({ status: 'pass' })
})

test('fails for an API server that refuses all writes while another one confirms', () => {
  const verdict = verdictOf(
    'API-17',
    written((machine, t) => (isOut(machine, t) ? 'refused' : 'acked')),
  )
  expect(verdict).toMatchObject({ status: 'fail', code: 'WRITES_REFUSED', values: { machine: 'control-plane2' } })
  expect(verdict.lines.length).toBeGreaterThan(0)
})

test('fails for an API server that answers no write while another one confirms', () => {
  const verdict = verdictOf(
    'API-17',
    written((machine, t) => (isOut(machine, t) ? 'unknown' : 'acked')),
  )
  expect(verdict).toMatchObject({ status: 'fail', code: 'NOT_WRITABLE', values: { failed: 40 } })
})

test('fails for an API server that confirms no write until the end', () => {
  const never = written((machine) => (machine === 'control-plane1' ? 'unknown' : 'acked'))
  expect(verdictOf('API-17', never)).toMatchObject({ code: 'NOT_WRITABLE', values: { machine: 'control-plane1' } })
})

test('ignores writes that no API server confirms', () => {
  const out = written((_, t) => (t >= 20_000 && t < 60_000 ? 'unknown' : 'acked'))
  expect(verdictOf('API-17', out)).toMatchObject({ status: 'pass' })
})

test('accepts an outage that a declared fault of the API server explains', () => {
  const journal = written((machine, t) => (isOut(machine, t) ? 'unknown' : 'acked'))
  const healed = edited(journal, 'fault', (record) =>
    record.id === 'f1' ? { ...record, target: { machines: ['control-plane2'], component: 'kube-apiserver' } } : record,
  )
  expect(verdictOf('API-17', healed)).toMatchObject({ status: 'pass' })
})
