import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readFixtures } from '../../scripts/thin-journal/fixtures.ts'
import type { Interval } from '../judge/faults/fault-windows.ts'
import { periodicKinds, withoutPart } from '../judge/testing/journal-attacks.ts'
import type { Status, Verdict } from '../judge/verdict/verdict.ts'
import type { JournalRecord, RecordKind } from '../record/records.ts'
import { judgeJournal } from './judge-journal.ts'

/*
 * Recordings of real clusters of which an observer missed a part, in an unbroken journal: no hole improves a verdict, and none blames
 * the cluster. A contract that depends on the missing part is inconclusive.
 */

const fixtures = readFixtures(fileURLToPath(new URL('../../suites/fixtures/schema-1', import.meta.url)))
const harmless: readonly Status[] = ['pass', 'known', 'not-applicable', 'not-exercised']
const breaches: readonly Status[] = ['fail', 'late']

const recordsOf = (name: string): readonly JournalRecord[] => fixtures.get(name) ?? []

function timesOf(records: readonly JournalRecord[]): Interval {
  const edges = records.filter(({ kind }) => kind === 'scenario')
  return { from: edges[0]?.at ?? 0, until: edges.at(-1)?.at ?? 0 }
}

/** From the effect of the last fault of a kind to its end. */
function lastFault(records: readonly JournalRecord[], fault: string): Interval {
  const own = records.filter((record) => record.kind === 'fault').filter((record) => record.fault === fault)
  const at = (edge: string): number => own.findLast((record) => record.edge === edge)?.at ?? NaN
  return { from: at('injected'), until: at('healed') }
}

const keyOf = ({ contract, scenario }: Verdict): string => `${contract} ${scenario}`

function harm(before: readonly Verdict[], after: readonly Verdict[]): string[] {
  const was = new Map(before.map((one) => [keyOf(one), one]))
  return after.flatMap((one) => {
    const { status, code } = was.get(keyOf(one)) ?? one
    const isImproved = harmless.includes(one.status) && !harmless.includes(status)
    const isBlamed = breaches.includes(one.status) && (one.status !== status || one.code !== code)
    return isImproved || isBlamed ? [`${keyOf(one)}: ${status} ${code} -> ${one.status} ${one.code}`] : []
  })
}

describe.each(['kill-scheduler', 'drain-node', 'partition-etcd'])('%s', (name) => {
  const records = recordsOf(name)
  const before = judgeJournal(records)
  const { from, until } = timesOf(records)
  const part = (share: number): number => from + share * (until - from)

  const kinds = periodicKinds.filter((kind) => records.some((record) => record.kind === kind))

  test.each(kinds)('a hole in the records of kind %s does no harm', (kind) => {
    const hole = { from: part(0.3), until: part(0.7) }
    expect(harm(before, judgeJournal(withoutPart(records, kind, hole)))).toEqual([])
  })
})

describe('a contract is inconclusive without what it depends on', () => {
  const cases: readonly [fixture: string, contract: string, kind: RecordKind, code: string][] = [
    ['partition-etcd', 'ETCD-02', 'etcd', 'NOT_OBSERVED'],
    ['partition-etcd', 'ETCD-03', 'etcd', 'NOT_OBSERVED'],
    ['partition-etcd', 'ETCD-03', 'write', 'NOT_WRITTEN'],
    ['drain-node', 'API-04', 'stored', 'NO_WITNESS'],
    ['partition-etcd', 'API-17', 'write', 'NOT_WRITTEN'],
    ['kill-scheduler', 'ETCD-12', 'etcd', 'NOT_OBSERVED'],
    ['kill-scheduler', 'PROXY-13', 'attempt', 'NOT_PROBED'],
  ]

  test.each(cases)('%s: %s without a part of the records of kind %s', (fixture, contract, kind, code) => {
    const records = recordsOf(fixture)
    const { from, until } = timesOf(records)
    const hole = { from: from + 0.2 * (until - from), until: from + 0.8 * (until - from) }
    const [verdict] = judgeJournal(withoutPart(records, kind, hole), { contracts: [contract] })
    expect(verdict).toMatchObject({ status: 'inconclusive', code })
  })

  test.each([
    ['ETCD-04', 'write', 'NOT_WRITTEN'],
    ['API-08', 'write', 'NOT_WRITTEN'],
    ['API-08', 'attempt', 'NOT_PROBED'],
  ] as const)('%s without most of the records of kind %s in the outage', (contract, kind, code) => {
    const records = recordsOf('partition-etcd')
    const outage = lastFault(records, 'kill')
    const hole = { from: outage.from + 1_000, until: outage.until - 1_000 }
    const [verdict] = judgeJournal(withoutPart(records, kind, hole), { contracts: [contract] })
    expect(verdict).toMatchObject({ status: 'inconclusive', code })
  })
})
