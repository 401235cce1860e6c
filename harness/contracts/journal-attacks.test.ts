import fc from 'fast-check'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readFixtures } from '../../scripts/thin-journal/fixtures.ts'
import { runExitCode } from '../judge/verdict/exit-code.ts'
import { attacksOnKind, attacksOnPlace, kindsOf, type Attack, type Lines } from '../judge/testing/journal-attacks.ts'
import type { Status } from '../judge/verdict/verdict.ts'
import { journalText, recordsOfText } from '../record/record-lines.ts'
import type { JournalRecord } from '../record/records.ts'
import { judgeJournal } from './judge-journal.ts'

/*
 * Recordings of real clusters, attacked as files: no attack improves a verdict, none blames the cluster for what is missing, and
 * each is reported. docs/journal.md has the table.
 */

const fixtures = readFixtures(fileURLToPath(new URL('../../suites/fixtures/schema-1', import.meta.url)))
const harmless: readonly Status[] = ['pass', 'known', 'not-applicable', 'not-exercised']
const breaches: readonly Status[] = ['fail', 'late']

/** A real recording as a run of today writes it: `times` repetitions, and the run's end. */
function recorded(name: string, times: number): JournalRecord[] {
  const records = fixtures.get(name) ?? []
  const own = records.findIndex(({ kind }) => kind === 'scenario')
  const common = records.slice(0, own).map((record) => {
    return record.kind === 'run' ? { ...record, schema: 2 as const, repeat: times } : record
  })
  const runs = Array.from({ length: times }, (_, index) =>
    records.slice(own).map((record) => (record.kind === 'scenario' ? { ...record, repetition: index + 1 } : record)),
  )
  return [...common, ...runs.flat(), { kind: 'end', at: records.at(-1)?.at ?? 0 }]
}

/** The same recording of a cluster that sends every connection to the first pod. */
function uneven(records: readonly JournalRecord[]): JournalRecord[] {
  return records.map((record) => {
    if (record.kind !== 'sample') return record
    const backends = Object.keys(record.backends).map((pod, index) => [pod, index === 0 ? record.attempts : 0])
    return { ...record, backends: Object.fromEntries(backends) as Record<string, number> }
  })
}

interface Judged {
  readonly exit: number
  readonly losses: number
  readonly verdicts: ReadonlyMap<string, { readonly status: Status; readonly code: string }>
}

function judged(lines: Lines): Judged {
  const records = recordsOfText('journal', `${lines.join('\n')}\n`)
  const verdicts = judgeJournal(records)
  const number = new Map<string, number>()
  const keyed = verdicts.map(({ contract, scenario, status, code }) => {
    const key = `${contract} ${scenario}`
    number.set(key, (number.get(key) ?? 0) + 1)
    return [`${key} ${number.get(key)}`, { status, code }] as const
  })
  return {
    exit: runExitCode(records, verdicts),
    losses: records.filter(({ kind }) => kind === 'loss').length,
    verdicts: new Map(keyed),
  }
}

/** What an attack achieved: it should be nothing. */
function harm(before: Judged, after: Judged): string[] {
  const changed = [...after.verdicts].flatMap(([key, { status, code }]) => {
    const was = before.verdicts.get(key)
    if (!was) return []
    const improved = harmless.includes(status) && !harmless.includes(was.status)
    const blamed = breaches.includes(status) && (was.status !== status || was.code !== code)
    return improved || blamed ? [`${key}: ${was.status} ${was.code} -> ${status} ${code}`] : []
  })
  return [
    ...changed,
    ...(after.losses === 0 ? ['no loss is reported'] : []),
    ...(after.exit === 0 ? ['the exit code is 0'] : []),
  ]
}

const sound = recorded('worked-example', 1)
const journals: Readonly<Record<string, Lines>> = {
  sound: journalText(sound).trimEnd().split('\n'),
  uneven: journalText(uneven(sound)).trimEnd().split('\n'),
}
const places = [0, 0.3, 0.6, 0.9]

describe.each(Object.entries(journals))('a real recording, %s', (name, lines) => {
  const before = judged(lines)

  test('is judged as ever while nothing is done to it', () => {
    expect({ exit: before.exit, losses: before.losses }).toEqual({ exit: name === 'sound' ? 0 : 1, losses: 0 })
  })

  test.each(Object.entries(attacksOnKind))('%s of each kind', (_, attackOn) => {
    const achieved = kindsOf(lines).flatMap((kind) => harm(before, judged(attackOn(kind)(lines, 0.5))))
    expect(achieved).toEqual([])
  })

  test.each(Object.entries(attacksOnPlace))('%s', (_, attack) => {
    expect(places.flatMap((at) => harm(before, judged(attack(lines, at))))).toEqual([])
  })
})

test('a cut across the repetitions of a scenario is reported, and the missing repetition as well', () => {
  const lines = journalText(recorded('worked-example', 2)).trimEnd().split('\n')
  const before = judged(lines)
  const cut = judged(attacksOnPlace['cut a stretch']?.(lines, 0.4) ?? [])
  expect(harm(before, cut)).toEqual([])
  const secondCodes = [...cut.verdicts].filter(([key]) => key.endsWith('worked-example 2')).map(([, { code }]) => code)
  expect(new Set(secondCodes)).toEqual(new Set(['NOT_RECORDED']))
})

test('no attack at any place of a recording with a fault achieves anything', () => {
  const lines = journalText(recorded('kill-scheduler', 1)).trimEnd().split('\n')
  const before = judged(lines)
  const attacks: readonly Attack[] = [
    ...Object.values(attacksOnPlace),
    ...Object.values(attacksOnKind).flatMap((attackOn) => kindsOf(lines).map(attackOn)),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...attacks), fc.double({ min: 0, max: 0.99, noNaN: true }), (attack, at) => {
      expect(harm(before, judged(attack(lines, at)))).toEqual([])
    }),
    { numRuns: 5 },
  )
})
