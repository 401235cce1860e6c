import { describe, expect, test } from 'vitest'
import { judgeJournal } from '../judge-journal.ts'
import { consistency, drainNode } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import { withWitness } from '../../judge/testing/witness.ts'
import type { JournalRecord } from '../../record/records.ts'

describe("the recorder's watches, compared with what etcd stored", () => {
  const watched = withWitness(consistency((builder) => builder.leads('control-plane2', 5_000, 15_000)))
  const leases = watched.flatMap((record) => (record.kind === 'watch' && record.resource === 'leases' ? [record] : []))
  const one = leases.find(({ source }) => source === 'control-plane1')

  test('change no verdict where they reported everything once', () => {
    expect(verdictOf('API-04', watched).status).toBe('pass')
  })

  test('break API-04 where one of them lost a change without a gap, or reported it twice', () => {
    const lost = watched.filter((record) => record !== one)
    expect(verdictOf('API-04', lost)).toMatchObject({
      status: 'fail',
      code: 'EVENT_LOST',
      values: { violations: 1 },
    })
    const twice = watched.flatMap((record) => (record === one ? [one, one] : [record]))
    expect(verdictOf('API-04', twice)).toMatchObject({
      status: 'fail',
      code: 'EVENT_REPEATED',
    })
  })

  test('excuse what was stored during a recorded gap', () => {
    if (!one) throw new Error('the sample journal reports leases')
    const gap = {
      kind: 'gap',
      at: one.at - 1,
      until: one.at + 1,
      source: one.source,
      resource: 'leases',
      reason: '',
    } as const
    const blind = watched.flatMap((record) => (record === one ? [gap] : [record]))
    expect(verdictOf('API-04', blind).status).toBe('pass')
  })
})

test('a change that was lost without a gap makes inconclusive what is judged by such objects, and nothing else', () => {
  const drained = withWitness(drainNode())
  const statuses = (journal: readonly JournalRecord[]) =>
    judgeJournal(journal).map(({ contract, status }) => [contract, status] as const)
  const sound = statuses(drained)
  const pod = drained.find((record) => record.kind === 'watch' && record.resource === 'pods')
  const lost = drained.filter((record) => record !== pod)
  const changed = statuses(lost).filter(([id, status], n) => sound[n]?.[0] === id && sound[n][1] !== status)
  expect(changed.length).toBeGreaterThan(2)
  // API-04 fails for the watch itself, which is the only certain fact.
  expect(changed).toContainEqual(['API-04', 'fail'])
  const others = changed.filter(([id]) => id !== 'API-04')
  expect(new Set(others.map(([, status]) => status))).toEqual(new Set(['inconclusive']))
  // Contracts on other objects are still judged.
  expect(statuses(lost)).toContainEqual(['NODE-02', 'pass'])
})

test('API-04 is judged on every recording with watches and etcd records, and on no other', () => {
  const drained = withWitness(drainNode())
  expect(verdictOf('API-04', drained)).toMatchObject({
    status: 'pass',
    code: 'WATCHES_COMPLETE',
    values: { streams: 0, lists: 0 },
  })
  expect(verdictOf('API-04', drainNode()).code).toBe('STIMULUS_ABSENT')
  const restored = drained.map((one) => (one.kind === 'fault' ? { ...one, fault: 'restore-snapshot' } : one))
  expect(verdictOf('API-04', restored).code).toBe('STIMULUS_ABSENT')
})
