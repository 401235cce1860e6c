import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { recordings } from '../recording/recording.ts'
import { phaseNames, recoveries, type Recovery } from './recovery.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'
import { drainNode, killScheduler, partitionEtcd, workedExample } from '../testing/sample-journals.ts'

const of = (records: readonly JournalRecord[]): Recovery[] => recordings(records).flatMap(recoveries)
const namesOf = ({ phases }: Recovery): string[] => phases.map(({ name }) => name)

test('after a killed scheduler another one leads, and pods are bound and become ready', () => {
  const [first] = of(killScheduler())
  expect(first?.fault).toBe('kill kube-scheduler@control-plane1')
  expect(first && namesOf(first)).toContain('elected')
  const elected = first?.phases.find(({ name }) => name === 'elected')
  expect(elected?.fact).toBe('control-plane2 held the lease kube-scheduler')
  // It took over at 28 s, 18 s after the kill.
  expect(elected?.afterMs).toBeGreaterThan(17_000)
  expect(elected?.afterMs).toBeLessThan(19_500)
})

const electedIn = (recovery: Recovery | undefined) => recovery?.phases.find(({ name }) => name === 'elected')

test('the next leader is found after the leader at the time of the fault, and only if that one was hit', () => {
  const machine = fc.constantFrom('control-plane1', 'control-plane2')
  const terms = fc.array(fc.record({ machine, renewals: fc.integer({ min: 0, max: 5 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(terms, fc.nat(120_000), machine, (led, faultAt, hit) => {
      const builder = new JournalBuilder('kill-scheduler')
      let t = 1_000
      const begun = led.map(({ machine: leader, renewals }, n) => {
        const from = t
        builder.leads(leader, from, from + renewals * 2_000, `term-${n}`)
        // The next leader comes when the Lease has expired.
        t = from + renewals * 2_000 + 16_000
        return { leader, from }
      })
      builder.fault('f1', 'kill', { machines: [hit], component: 'kube-scheduler' }, faultAt + 20, 190_000)
      const before = begun.findLast(({ from }) => from <= faultAt)
      const next = begun.find(({ from }) => from > faultAt)
      const found = electedIn(of(builder.journal(200_000))[0])
      if (before?.leader === hit && next) {
        expect(found?.fact).toBe(`${next.leader} held the lease kube-scheduler`)
        expect(found?.afterMs).toBeCloseTo(next.from - faultAt, 6)
      } else expect(found).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

test("etcd's leader of a later term is found after a cut-off leader and after a lost quorum", () => {
  const [cutOff, lost, lostToo] = of(partitionEtcd()).map(electedIn)
  expect(cutOff).toMatchObject({ fact: "etcd2 followed etcd2 as etcd's leader" })
  expect(cutOff?.afterMs).toBeCloseTo(1_620, 6)
  for (const found of [lost, lostToo]) expect(found?.afterMs).toBeCloseTo(21_620, 6)
  // No election where the same leader remained.
  const calm = partitionEtcd().map((record) =>
    record.kind === 'etcd' && record.answered ? { ...record, leader: 'etcd1', term: 2 } : record,
  )
  expect(of(calm).map(electedIn)).toEqual([undefined, undefined, undefined])
})

test('a scenario without a fault has no recovery', () => {
  expect(of(workedExample())).toEqual([])
})

test('an attempt that fails and is answered again has a last bad and a first good answer', () => {
  const where = { from: 'worker1', to: '10.96.0.9:80', service: 'hf-kill-scheduler/web', protocol: 'tcp' } as const
  const outcomes = [true, true, false, false, true, false, true]
  const [first] = of(
    killScheduler((builder) => {
      for (const [n, ok] of outcomes.entries())
        builder.add(12_000 + n * 100, {
          kind: 'attempt',
          endedAt: 0,
          ok,
          ...where,
          ...(ok ? {} : { error: 'ECONNREFUSED' }),
        })
    }),
  )
  const at = (name: string): number | undefined => first?.phases.find((phase) => phase.name === name)?.at
  expect((at('last bad answer') ?? 0) - (at('first good answer') ?? 0)).toBeCloseTo(100, 5)
  expect(first?.phases.find(({ name }) => name === 'last bad answer')?.fact).toBe('worker1: ECONNREFUSED')
})

test('a probe that was never answered has lost nothing by a fault', () => {
  const where = { from: 'outside', to: '10.0.0.17:30080', service: 'hf-kill-scheduler/edge', protocol: 'tcp' } as const
  const [first] = of(
    killScheduler((builder) => {
      for (let t = 5_000; t < 20_000; t += 100)
        builder.add(t, { kind: 'attempt', endedAt: 0, ok: false, error: 'dropped', target: 'node-port', ...where })
    }),
  )
  expect(first && namesOf(first)).not.toContain('last bad answer')
  expect(first?.unseen).toContainEqual({ name: 'last bad answer', reason: 'no probe failed' })
})

test('with any records missing, each step comes once, in order, after its fault and before the next', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(killScheduler, partitionEtcd, drainNode),
      fc.array(fc.nat(), { maxLength: 300 }),
      (sound, left) => {
        const records = sound()
        const out = new Set(left.map((n) => n % records.length))
        const kept = records.filter(({ kind }, n) => !out.has(n) || kind === 'scenario' || kind === 'cluster')
        const all = of(kept)
        for (const [n, { phases, window }] of all.entries()) {
          expect(new Set(phases.map(({ name }) => name)).size).toBe(phases.length)
          for (const { name, at, afterMs } of phases) {
            expect(phaseNames).toContain(name)
            expect(afterMs).toBeCloseTo(at - window.intentAt, 6)
            expect(afterMs).toBeGreaterThanOrEqual(0)
            const next = all.slice(n + 1).find((one) => one.window.intentAt > window.from)
            if (next) expect(at).toBeLessThan(next.window.intentAt)
          }
          expect(phases).toEqual(phases.toSorted((a, b) => a.at - b.at))
        }
      },
    ),
    { numRuns: 30 },
  )
})
