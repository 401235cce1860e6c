import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-story.ts'
import { addressOf, start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** The story with one probe from outside to the Service with policy Local changed. */
function probeOf(machine: string, change: Partial<RecordOf<'attempt'>>): JournalRecord[] {
  const fits = (one: RecordOf<'attempt'>): boolean =>
    one.to === `${addressOf(machine)}:30080` && one.at === start + 8_000
  return edited(kubeProxyRules(), 'attempt', (one) => (fits(one) ? { ...one, ...change } : one))
}

test('PROXY-07 is broken by one probe from outside that is answered where it should be dropped, refused, or not let through', () => {
  const answered = { ok: true, backend: 'edge-1', error: undefined, errorClass: undefined } as const
  expect(verdictOf('PROXY-07', probeOf('worker3', answered))).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(
      /^A tcp probe from outside to .* on worker3 was answered by edge-1 instead of dropped/,
    ),
  })
  const refused = { error: 'ECONNREFUSED', errorClass: 'refused' } as const
  expect(verdictOf('PROXY-07', probeOf('worker3', refused)).reason).toContain('refused instead of dropped')
  const cut = { ok: false, backend: undefined, error: 'no connection in time', errorClass: 'no-connection' } as const
  expect(verdictOf('PROXY-07', probeOf('worker2', cut))).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(/on worker2 was not let through .* and edge-1 should answer/),
  })
  const stray = { backend: 'web-1' }
  for (const id of ['PROXY-01', 'PROXY-07']) expect(verdictOf(id, probeOf('worker2', stray)).status).toBe('fail')
})

test('PROXY-07 is undecided where some probes got no answer over connections that stood, and where nobody came from outside', () => {
  const late = (most: number): JournalRecord[] =>
    edited(kubeProxyRules(), 'attempt', (one) =>
      one.to === `${addressOf('worker2')}:30080` && one.at < start + most
        ? { ...one, ok: false, backend: undefined, error: 'no answer in time', errorClass: 'no-answer' }
        : one,
    )
  expect(verdictOf('PROXY-07', late(7_000)).status).toBe('inconclusive')
  expect(verdictOf('PROXY-07', late(20_000))).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('which has an endpoint, got no answer'),
  })
  const nobody = edited(kubeProxyRules(), 'attempt', (one) => (one.from === 'outside' ? undefined : one))
  expect(verdictOf('PROXY-07', nobody).reason).toBe('Only 0 probes came from outside to a Node with an endpoint.')
})
