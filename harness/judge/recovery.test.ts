import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalRecord } from '../record/records.ts'
import { recordings } from './recording.ts'
import { phaseNames, recoveries, type Recovery } from './recovery.ts'
import { drainNode, killScheduler, partitionEtcd, workedExample } from './testing/stories.ts'

const of = (records: readonly JournalRecord[]): Recovery[] => recordings(records).flatMap(recoveries)
const words = ({ phases }: Recovery): string[] => phases.map(({ name }) => name)

test('a scheduler that was killed: somebody else leads, pods are bound and get ready', () => {
  const [first] = of(killScheduler())
  expect(first?.fault).toBe('kill kube-scheduler@control-plane1')
  expect(first && words(first)).toContain('elected')
  const elected = first?.phases.find(({ name }) => name === 'elected')
  expect(elected?.fact).toBe('control-plane2 held the lease kube-scheduler')
  // It took over at 28 s, 18 s after the kill.
  expect(elected?.afterMs).toBeGreaterThan(17_000)
  expect(elected?.afterMs).toBeLessThan(19_500)
})

test('a scenario without a fault has nothing to get over', () => {
  expect(of(workedExample())).toEqual([])
})

test('an attempt that fails and is answered again has a last bad and a first good answer', () => {
  const where = { from: 'worker1', to: '10.96.0.9:80', service: 'hf-kill-scheduler/web', protocol: 'tcp' } as const
  const outcomes = [true, true, false, false, true, false, true]
  const [first] = of(
    killScheduler((script) => {
      for (const [n, ok] of outcomes.entries())
        script.add(12_000 + n * 100, {
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

test('whatever is left out of a story, each step comes once, in order, after its fault and before the next', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(killScheduler, partitionEtcd, drainNode),
      fc.array(fc.nat(), { maxLength: 300 }),
      (story, left) => {
        const records = story()
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
