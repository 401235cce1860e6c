import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drainNode, killScheduler, partitionEtcd } from '../../harness/judge/testing/sample-journals.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'
import { LastSecond } from './last-second.ts'
import { newsLine, situationLines } from './lines.ts'
import { Situation } from './situation.ts'

const samples = { drainNode, killScheduler, partitionEtcd }
const run = (records: readonly JournalRecord[]): { situation: Situation; news: string[] } => {
  const situation = new Situation()
  return { situation, news: records.flatMap((record) => situation.see(record).map(({ text }) => text)) }
}

test('a fault is active from the proof of its effect until it is healed, timed by the journal clock', () => {
  const records = killScheduler()
  const at = records.findIndex((record) => record.kind === 'fault' && record.edge === 'injected')
  const { situation } = run(records.slice(0, at + 1))
  expect(situation.faults.map(({ description }) => description)).toEqual(['kill kube-scheduler@control-plane1'])
  const age = duration(situation.now - (records[at]?.at ?? NaN))
  expect(situationLines(situation, 200)).toContain(`fault     kill kube-scheduler@control-plane1, for ${age}`)
  expect(run(records).situation.faults).toEqual([])
})

test('news about leaders and nodes appears only when they change', () => {
  const { news } = run(partitionEtcd())
  for (const [index, text] of news.entries()) {
    if (!/ leads$|: no leader$|^node /.test(text)) continue
    const about = text.split(':')[0] ?? ''
    const before = news.slice(0, index).findLast((one) => one.startsWith(`${about}:`))
    expect(before).not.toBe(text)
  }
  expect(news.some((text) => /^etcd: .+ leads$/.test(text))).toBe(true)
})

test('at any point of any run, the view fits the width and has one line for each aspect', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(samples)),
      fc.nat(),
      fc.integer({ min: 20, max: 200 }),
      (sample, cut, columns) => {
        const records = sample()
        const situation = new Situation()
        for (const record of records.slice(0, cut % records.length)) {
          for (const news of situation.see(record)) expect(newsLine(news)).not.toContain('\n')
        }
        for (const line of situationLines(situation, columns)) {
          expect(line.length).toBeLessThan(columns)
          expect(line).not.toContain('\n')
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('each probe is shown with its last second, failing ones first, or counted where there is no room', () => {
  const probe = fc.record({
    from: fc.constantFrom('worker1', 'worker2', 'pod:client'),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    target: fc.constantFrom('node-port' as const, 'dns-name' as const),
    ok: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(probe, { minLength: 1, maxLength: 30 }), fc.integer({ min: 60, max: 200 }), (all, columns) => {
      const situation = new Situation()
      for (const one of all)
        situation.see({ kind: 'attempt', at: 5, endedAt: 7, to: '10.0.0.1:80', service: 'ns/web', ...one })
      const lines = situationLines(situation, columns).filter((line) => line.startsWith('probes'))
      const text = lines.slice(1).join(' ')
      const more = Number(/and (\d+) more/.exec(text)?.[1] ?? 0)
      const shown = situation.probes.all.filter(({ name }) => text.includes(`${name}: `) || text.includes(`${name} `))
      expect(shown.length + more).toBe(situation.probes.all.length)
      const failing = situation.probes.all.filter(({ failed }) => failed > 0).map(({ name }) => name)
      if (more > 0) for (const name of failing.slice(0, 8)) expect(text).toContain(`${name}: `)
      for (const line of lines) expect(line.length).toBeLessThan(columns)
    }),
    { numRuns: 100 },
  )
})

const attempts = fc
  .array(fc.record({ step: fc.integer({ min: 1, max: 3_000 }), ok: fc.boolean() }), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    let at = 1_000
    return steps.map(({ step, ok }) => ({ at: (at += step), ok }))
  })

test('the state of a probe covers its last second; an outage of a Service gives one event at its start and one at its end', () => {
  fc.assert(
    fc.property(attempts, fc.integer({ min: 1, max: 3 }), (sequence, probers) => {
      const seconds = new LastSecond()
      const where = { to: '10.96.0.9:80', service: 'ns/web', protocol: 'tcp' } as const
      let lastFailedAt: number | undefined
      for (const [index, { at, ok }] of sequence.entries()) {
        const from = `worker${index % probers}`
        const news = seconds.see({ kind: 'attempt', at, endedAt: at + 2, ok, from, ...where })
        const own = sequence
          .slice(0, index + 1)
          .filter((one, n) => n % probers === index % probers && one.at > at - 1_000)
        const state = seconds.all.find(({ name }) => name.startsWith(from))
        expect(state).toMatchObject({ attempts: own.length, failed: own.filter((one) => !one.ok).length })
        const over = ok && lastFailedAt !== undefined && at > lastFailedAt + 5_000
        const begins = !ok && lastFailedAt === undefined
        expect(news.map((text) => text.includes(' fail ('))).toEqual(over || begins ? [begins] : [])
        if (over) lastFailedAt = undefined
        if (!ok) lastFailedAt = at
      }
    }),
  )
})
