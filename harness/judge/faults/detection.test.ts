import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { schedulerUser } from '../cluster/bindings.ts'
import { recordings } from '../recording/recording.ts'
import { type Phase, recoveries, type Recovery } from './recovery.ts'
import type { JournalBuilder } from '../testing/journal-builder.ts'
import { killScheduler } from '../testing/sample-journals.ts'
import { addressOf, start } from '../testing/cluster-facts.ts'

const killedAt = 10_000
const secondFaultAt = 40_000

const of = (records: readonly JournalRecord[]): Recovery | undefined => recordings(records).flatMap(recoveries)[0]
const seen = (recovery: Recovery | undefined): Phase | undefined =>
  recovery?.phases.find(({ name }) => name === 'detected')
const why = (recovery: Recovery | undefined, step: string): string | undefined =>
  recovery?.unseen.find(({ name }) => name === step)?.reason

/** A request to write the scheduler's Lease, or a similar request. */
function requestLease(builder: JournalBuilder, t: number, from: string, more: Partial<RecordOf<'audit'>> = {}): void {
  builder.request(t, {
    user: schedulerUser,
    sourceAddress: addressOf(from),
    verb: 'update',
    resource: 'leases',
    namespace: 'kube-system',
    name: 'kube-scheduler',
    code: 200,
    ...more,
  })
}

test("the loss of a leader is detected by another candidate's first request for its Lease after the fault, granted or not", () => {
  const request = fc.record({
    t: fc.integer({ min: 0, max: 60_000 }),
    from: fc.constantFrom('control-plane1', 'control-plane2'),
    code: fc.constantFrom(200, 409, 500),
    name: fc.constantFrom('kube-scheduler', 'kube-controller-manager'),
    verb: fc.constantFrom('update', 'get'),
  })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 12 }), (requests) => {
      const recovery = of(
        killScheduler((builder) => requests.forEach(({ t, from, ...more }) => requestLease(builder, t, from, more))),
      )
      const first = requests
        .filter(({ name, verb, from }) => `${verb} ${name} ${from}` === 'update kube-scheduler control-plane2')
        .map(({ t }) => t)
        .filter((t) => t >= killedAt - 20 && t < secondFaultAt - 20)
        .toSorted((a, b) => a - b)[0]
      expect(seen(recovery)?.at).toBe(first === undefined ? undefined : start + first)
      if (first === undefined) expect(why(recovery, 'detected')).toBe('no other candidate requested its Lease')
    }),
    { numRuns: 60 },
  )
})

test('the loss of a standby is not detected', () => {
  const other = killScheduler((builder) => requestLease(builder, 28_000, 'control-plane2')).map((record) =>
    record.kind === 'fault' && record.id === 'f1'
      ? { ...record, target: { ...record.target, machines: ['control-plane2'] } }
      : record,
  )
  expect(seen(of(other))).toBeUndefined()
  expect(why(of(other), 'detected')).toBe('it did not lead, and no component detects the loss of a standby')
})

test('the loss of an API server is detected when a watch of it breaks; that of a silent one is not', () => {
  const hit = (gapAt: number): Recovery | undefined =>
    of(
      killScheduler((builder) =>
        builder.add(gapAt, {
          kind: 'gap',
          until: start + gapAt + 5_000,
          source: 'control-plane1',
          resource: 'pods',
          reason: 'aborted',
        }),
      ).map((record) =>
        record.kind === 'fault' && record.id === 'f1'
          ? { ...record, target: { machines: ['control-plane1'], component: 'kube-apiserver' } }
          : record,
      ),
    )
  expect(seen(hit(killedAt + 30))).toMatchObject({ fact: 'the watch of pods at control-plane1 broke' })
  // The last data came shortly before the freeze: no client can have detected anything then.
  expect(why(hit(killedAt - 10), 'detected')).toBe('no watch of it broke')
})

test('each step has either a fact or a reason why there is no fact', () => {
  for (const recovery of recordings(killScheduler()).flatMap(recoveries)) {
    const steps = [...recovery.phases, ...recovery.unseen].map(({ name }) => name)
    expect(new Set(steps).size).toBe(steps.length)
    expect(steps).toHaveLength(9)
    for (const { reason } of recovery.unseen) expect(reason).not.toBe('')
  }
})
