import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { type Contract, type Finding, defineContract } from '../contract.ts'
import { judge } from '../judge.ts'
import type { KnownDeviation } from './known.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'
import { edited } from '../testing/verdict.ts'
import type { Verdict } from './verdict.ts'

const bound = { limit: 1_000, unit: 'ms', source: 'made up' } as const

function finding(status: 'late' | 'fail', measured: number): Finding {
  return {
    status,
    code: 'IT_WAS_SLOW',
    values: {},
    measured,
    bound,
    observed: `${measured} ms`,
    reason: 'It took long.',
  }
}

const deviation: KnownDeviation = {
  id: 'K3S-TEST',
  distribution: 'k3s',
  contracts: ['TEST-01'],
  summary: 'it starts again first',
  reference: 'https://docs.k3s.io/',
  bound: () => ({ ...bound, limit: 3_000, source: 'made up, its own' }),
}

const on = (distribution: string): JournalRecord[] =>
  edited(new JournalBuilder('made-up').journal(900), 'cluster', (record) => ({ ...record, distribution }))

function contractOf(found: Finding, id = 'TEST-01'): Contract {
  return defineContract({
    id,
    area: 'test',
    promise: 'It holds.',
    reference: 'https://kubernetes.io/docs/',
    stimulus: { needs: 'anything', find: () => [true] },
    judge: () => found,
  })
}

function verdict(found: Finding, distribution = 'k3s', id = 'TEST-01'): Verdict | undefined {
  return judge(on(distribution), { catalogue: [contractOf(found, id)], deviations: [deviation] })[0]
}

test('lateness by a known deviation is known, with its own bound and reference', () => {
  const known = verdict(finding('late', 2_000))
  expect(known).toMatchObject({ status: 'known', bound: { limit: 3_000 } })
  expect(known?.reason).toContain('K3S-TEST: it starts again first (https://docs.k3s.io/)')
})

test('lateness after the bound of the deviation is late', () => {
  expect(verdict(finding('late', 3_001))).toMatchObject({ status: 'late', bound: { limit: 1_000 } })
})

test('a failure is never excused', () => {
  expect(verdict(finding('fail', 2_000))?.status).toBe('fail')
})

test('neither another distribution nor another contract is excused', () => {
  expect(verdict(finding('late', 2_000), 'upstream')?.status).toBe('late')
  expect(verdict(finding('late', 2_000), 'k3s', 'TEST-02')?.status).toBe('late')
})

test('a deviation of one version excuses no other version', () => {
  const fixed = { ...deviation, kubernetes: ['v1.36.3'] }
  const of = (kubernetes: string) => edited(on('k3s'), 'cluster', (record) => ({ ...record, versions: { kubernetes } }))
  const status = (records: JournalRecord[]) =>
    judge(records, { catalogue: [contractOf(finding('late', 2_000))], deviations: [fixed] })[0]?.status
  expect(status(of('v1.36.3'))).toBe('known')
  expect(status(of('v1.37.2'))).toBe('late')
  expect(status(on('k3s'))).toBe('late')
})
