import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../../record/records.ts'
import { kubeProxyRules } from '../../../judge/testing/proxy-sample.ts'
import { addressOf, start } from '../../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../../judge/testing/verdict.ts'

/** The sample journal with one external probe of the Service with policy Local changed. */
function probeOf(machine: string, change: Partial<RecordOf<'attempt'>>): JournalRecord[] {
  const fits = (one: RecordOf<'attempt'>): boolean =>
    one.to === `${addressOf(machine)}:30080` && one.at === start + 8_000
  return edited(kubeProxyRules(), 'attempt', (one) => (fits(one) ? { ...one, ...change } : one))
}

test('PROXY-07 fails for one external probe that is answered where it should be dropped, refused, or not let through', () => {
  const answered = { ok: true, backend: 'edge-1', error: undefined, errorClass: undefined } as const
  expect(verdictOf('PROXY-07', probeOf('worker3', answered))).toMatchObject({
    status: 'fail',
    code: 'PROBE_NOT_DROPPED',
    values: { machine: 'worker3', backend: 'edge-1' },
  })
  const refused = { error: 'ECONNREFUSED', errorClass: 'refused' } as const
  expect(verdictOf('PROXY-07', probeOf('worker3', refused))).toMatchObject({
    code: 'PROBE_NOT_DROPPED',
    values: { backend: '' },
  })
  const cut = { ok: false, backend: undefined, error: 'no connection in time', errorClass: 'no-connection' } as const
  expect(verdictOf('PROXY-07', probeOf('worker2', cut))).toMatchObject({
    status: 'fail',
    code: 'PROBE_NOT_LET_THROUGH',
    values: { machine: 'worker2', due: ['edge-1'] },
  })
  const stray = { backend: 'web-1' }
  expect(verdictOf('PROXY-01', probeOf('worker2', stray))).toMatchObject({ status: 'fail', code: 'STRAY_ANSWER' })
  const elsewhere = verdictOf('PROXY-07', probeOf('worker2', stray))
  expect(elsewhere).toMatchObject({ status: 'fail', code: 'PROBE_ANSWERED_ELSEWHERE' })
})

test('PROXY-07 is inconclusive where some probes got no answer over established connections, and requires external traffic', () => {
  const late = (most: number): JournalRecord[] =>
    edited(kubeProxyRules(), 'attempt', (one) =>
      one.to === `${addressOf('worker2')}:30080` && one.at < start + most
        ? { ...one, ok: false, backend: undefined, error: 'no answer in time', errorClass: 'no-answer' }
        : one,
    )
  expect(verdictOf('PROXY-07', late(7_000))).toMatchObject({ status: 'inconclusive', code: 'PROBES_LOST' })
  const busy = edited(late(7_000), 'attempt', (one) =>
    one.from === 'outside' && !one.ok ? { ...one, sentAt: one.at + 300, endedAt: one.at + 1_200 } : one,
  )
  expect(verdictOf('PROXY-07', busy)).toMatchObject({ status: 'inconclusive', code: 'HOST_NOISE' })
  expect(verdictOf('PROXY-07', late(20_000))).toMatchObject({
    status: 'fail',
    code: 'PROBES_UNANSWERED',
    values: { machine: 'worker2' },
  })
  const inside = edited(kubeProxyRules(), 'attempt', (one) => (one.from === 'outside' ? undefined : one))
  expect(verdictOf('PROXY-07', inside)).toMatchObject({ status: 'pass', code: 'LOCAL_FROM_OUTSIDE' })
  const nothing = edited(
    edited(inside, 'reach', () => undefined),
    'health',
    () => undefined,
  )
  expect(verdictOf('PROXY-07', nothing)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
})

test('PROXY-07 fails for a Service that requires a refusal and is answered', () => {
  const gone = edited(
    kubeProxyRules((sound) => sound.fromOutside(24_000, 24_100, 'worker3', undefined)),
    'attempt',
    (one) => (one.from === 'outside' && one.at === start + 24_000 ? { ...one, ok: true, backend: 'edge-1' } : one),
  )
  expect(verdictOf('PROXY-07', gone)).toMatchObject({ status: 'fail', code: 'PROBE_NOT_REFUSED' })
})
