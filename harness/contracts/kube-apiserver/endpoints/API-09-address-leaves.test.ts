import { describe, expect, test } from 'vitest'
import { addressOf, start } from '../../../judge/testing/cluster-facts.ts'
import { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../../record/records.ts'

interface Rolling {
  readonly fault?: 'stop' | 'kill'
  /** When the address leaves; undefined: never. The server ends at 10 s. */
  readonly leaves?: number | undefined
  /** When it is listed again; undefined: never. The server returns at 60 s. */
  readonly returns?: number | undefined
  readonly more?: (builder: JournalBuilder) => void
}

function rolling({ fault = 'kill', leaves, returns, more = () => undefined }: Rolling): JournalRecord[] {
  const builder = new JournalBuilder('api-rolling')
  const list = (t: number, machines: readonly string[]): unknown => {
    const metadata = { labels: { 'kubernetes.io/service-name': 'kubernetes' } }
    const endpoints = machines.map((machine) => ({ addresses: [addressOf(machine)], conditions: { ready: true } }))
    return builder.object(
      t,
      'endpointslices',
      'default',
      'kubernetes',
      { metadata, endpoints },
      t < 10 ? 'listed' : 'modified',
    )
  }
  const both = ['control-plane1', 'control-plane2']
  list(2, both)
  builder.fault('f1', fault, { machines: ['control-plane1'], component: 'kube-apiserver' }, 10_000, 60_000)
  if (leaves !== undefined) list(leaves, ['control-plane2'])
  if (returns !== undefined) list(returns, both)
  more(builder)
  return builder.journal(130_000)
}

const otherFault = (builder: JournalBuilder): unknown =>
  builder.fault('f2', 'kill', { machines: ['etcd1'], component: 'etcd' }, 12_000, 14_000)

describe('API-09', () => {
  test.each([
    ['leaves within lease and interval after a crash', { leaves: 32_000, returns: 65_000 }],
    ['leaves at once after a graceful stop', { fault: 'stop', leaves: 10_500, returns: 65_000 }],
    ['leaves late while etcd was disturbed, and returns', { leaves: 55_000, returns: 65_000, more: otherFault }],
  ] as const)('passes for an address that %s', (_, change) => {
    expect(verdictOf('API-09', rolling(change))).toMatchObject({ status: 'pass', code: 'ADDRESS_FOLLOWED' })
  })

  test.each([
    ['stays after a crash', { returns: 65_000 }, 'fail', 'STILL_LISTED'],
    ['stays after a graceful stop', { fault: 'stop', returns: 65_000 }, 'fail', 'STILL_LISTED'],
    ['leaves late after a crash', { leaves: 45_000, returns: 65_000 }, 'late', 'LEFT_LATE'],
    ['leaves late after a graceful stop', { fault: 'stop', leaves: 20_000, returns: 65_000 }, 'late', 'LEFT_LATE'],
    ['does not return', { leaves: 32_000 }, 'fail', 'NOT_LISTED_AGAIN'],
    ['returns late', { leaves: 32_000, returns: 120_000 }, 'late', 'LISTED_AGAIN_LATE'],
  ] as const)('does not pass for an address that %s', (_, change, status, code) => {
    expect(verdictOf('API-09', rolling(change))).toMatchObject({ status, code, values: { machine: 'control-plane1' } })
  })

  test('is inconclusive where no source watched the slices', () => {
    const journal = rolling({ leaves: 32_000, returns: 65_000 })
    for (const source of ['control-plane1', 'control-plane2']) {
      const time = { at: start + 20_000, until: start + 30_000 }
      journal.splice(-1, 0, { kind: 'gap', source, resource: 'endpointslices', reason: 'cut', ...time })
    }
    expect(verdictOf('API-09', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })

  test('is not exercised without an API server that ended', () => {
    expect(verdictOf('API-09', new JournalBuilder('api-rolling').journal(1_000)).code).toBe('STIMULUS_ABSENT')
  })
})
