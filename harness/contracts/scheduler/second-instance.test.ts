import { expect, test } from 'vitest'
import { drainNode, killScheduler } from '../../judge/testing/sample-journals.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

const verdict = (journal: readonly JournalRecord[]) => verdictOf('SCHED-14', journal)

/** The scheduler's processes on control-plane1 at the given times. */
function processes(builder: JournalBuilder, pids: Readonly<Record<number, number>>): JournalBuilder {
  for (const [t, pid] of Object.entries(pids)) {
    const instances = [{ pid, startedAt: String(pid), supervised: true }]
    const base = { kind: 'processes', machine: 'control-plane1', component: 'kube-scheduler', moment: 'fault' } as const
    builder.add(Number(t), { ...base, expected: true, instances })
  }
  return builder
}

/** The Lease passes to another instance on its holder's machine at 60 s, and to `then` after that. */
function passedOn(build: (builder: JournalBuilder) => JournalBuilder, then?: string): JournalRecord[] {
  const journal = drainNode((builder) => {
    build(builder).leads('control-plane1', 60_000, 88_000, 'z')
    if (then) builder.leads('control-plane1', 90_000, 118_000, then)
    return builder
  })
  return edited(journal, 'watch', (record) => {
    const { holderIdentity } = (record.object['spec'] ?? {}) as { holderIdentity?: string }
    return holderIdentity === 'control-plane1_a' && record.at > start + 59_000 && record.at < start + 89_500
      ? undefined
      : record
  })
}

test('SCHED-14 fails for two instances on one machine at the same time', () => {
  const journal = passedOn((builder) => processes(builder, { 50: 7, 70_000: 7 }))
  expect(verdict(journal)).toMatchObject({
    status: 'fail',
    code: 'TWO_INSTANCES',
    values: { machine: 'control-plane1', holders: ['control-plane1_a', 'control-plane1_z'] },
  })
})

test('fails for an instance that leads again after another one of its machine, so had not ended', () => {
  expect(verdict(passedOn((builder) => builder, 'a'))).toMatchObject({ status: 'fail', code: 'TWO_INSTANCES' })
})

test('accepts a restarted scheduler', () => {
  expect(verdict(passedOn((builder) => processes(builder, { 50: 7, 61_000: 8, 70_000: 8 })))).not.toMatchObject({
    code: 'TWO_INSTANCES',
  })
  expect(verdict(killScheduler()).status).toBe('pass')
})

test('fails for a pod that one machine requests to bind twice at the same time', () => {
  const twice = (gapMs: number): JournalRecord[] =>
    drainNode((builder) => builder.binding(1_070 + gapMs, 'web-3', 'worker1', 'control-plane1', 409))
  expect(verdict(twice(30))).toMatchObject({
    status: 'fail',
    code: 'BOUND_TWICE',
    values: { issuer: 'control-plane1', pod: 'web-3', code: 409 },
  })
  expect(verdict(twice(30_000)).status).toBe('pass')
})

test('accepts a repeated request where a fault of the API may have hidden the first answer', () => {
  const target = { machines: ['control-plane1'], component: 'kube-apiserver' }
  const journal = drainNode((builder) =>
    builder.fault('f9', 'pause', target, 900, 2_000).binding(1_100, 'web-3', 'worker1', 'control-plane1', 409),
  )
  expect(verdict(journal)).not.toMatchObject({ code: 'BOUND_TWICE' })
})
