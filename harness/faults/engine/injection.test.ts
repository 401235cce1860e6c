import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import { identityOf } from '../../common/process-identity.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import type { Fault } from './fault.ts'
import { Injection } from './injection.ts'
import { Intents } from './intents.ts'

/* The steps of an injection, with faults that only log their calls. */

let folder = ''
let intents: Intents
let records: JournalRecord[] = []
let done: string[] = []
let injection: Injection

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-injection-'))
  intents = new Intents(folder)
  records = []
  done = []
  injection = new Injection({ intents, emit: (record) => records.push(record), witness: () => Promise.resolve() })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A running process other than this one. */
const another = identityOf(process.ppid)
const fault = (name: string, extra: Partial<Fault> = {}): Fault => ({
  name,
  target: { machines: ['worker1'] },
  available: () => Promise.resolve(undefined),
  inject: async () => {
    done.push(`${name} with ${intents.all().length} on disk`)
    return [{ proves: 'effect', facts: {} }]
  },
  heal: async () => {
    done.push(`${name} healed`)
    return [{ proves: 'end', facts: {} }]
  },
  undo: () => [{ do: 'agent', machine: 'worker1' }],
  ...extra,
})
const edges = (): string[] => records.flatMap((record) => (record.kind === 'fault' ? [record.edge] : []))
const healed = (): RecordOf<'fault'> | undefined =>
  records.find((record): record is RecordOf<'fault'> => record.kind === 'fault' && record.edge === 'healed')

test('the intent is stored before the injection and removed after the reversal', async () => {
  const active = await injection.inject(fault('a'), 60_000)
  expect(done).toEqual(['a with 1 on disk'])
  expect(intents.all()).toMatchObject([{ fault: 'a', holder: { pid: process.pid }, undo: [{ do: 'agent' }] }])
  await active.heal()
  await active.heal()
  expect(done).toEqual(['a with 1 on disk', 'a healed'])
  expect(intents.all()).toEqual([])
  expect(edges()).toEqual(['intent', 'injected', 'healed'])
})

test('the record of a reversal contains the time at which it began', async () => {
  let began = 0
  const heal = async () => {
    began = now()
    await eventually('the clock to advance', () => now() > began, { timeoutMs: 1_000, intervalMs: 1 })
    return [{ proves: 'end', facts: {} }]
  }
  await (await injection.inject(fault('a', { heal }), 60_000)).heal()
  expect(healed()?.revertingAt).toBeLessThanOrEqual(began)
  expect(healed()?.at).toBeGreaterThan(began)
  expect(records.find((record) => record.kind === 'fault')).not.toHaveProperty('revertingAt')
})

test('without a stored intent there is no injection', async () => {
  injection = new Injection({
    intents: new Intents('/dev/null'),
    emit: (record) => records.push(record),
    witness: () => Promise.resolve(),
  })
  await expect(injection.inject(fault('a'), 60_000)).rejects.toMatchObject({ code: 'HF_NO_INTENT' })
  expect([done, records]).toEqual([[], []])
})

test.each([0, -1, Infinity, NaN, 2 ** 31])('a TTL of %d ms is refused before any change', async (ttlMs) => {
  await expect(injection.inject(fault('a'), ttlMs)).rejects.toMatchObject({ code: 'HF_BAD_TTL', exitCode: 64 })
  expect([done, records, intents.all()]).toEqual([[], [], []])
})

test.each([
  ['worker1/kubelet', 'worker1/kubelet', true],
  ['worker1', 'worker1/kubelet', true],
  ['worker1/kubelet', 'worker1', true],
  ['worker1/kubelet', 'worker1/kubelet2', false],
  ['worker1', 'worker11', false],
])('with %s claimed, a claim of %s: refused %s', async (held, wanted, refused) => {
  const active = await injection.inject(fault('a', { claims: [held] }), 60_000)
  const second = injection.inject(fault('b', { claims: [wanted] }), 60_000)
  if (refused) await expect(second).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH', exitCode: 64 })
  else await second
  await active.heal()
  await (await injection.inject(fault('c', { claims: [held] }), 60_000).catch(() => undefined))?.heal()
})

test('an active fault of another process excludes faults of this process', async () => {
  const holder = { pid: 1, startedAt: 'then' }
  intents.write({ id: 'theirs', fault: 'freeze-machine', until: 1, holder, undo: [], claims: ['worker1'] })
  const wanted = fault('a', { claims: ['worker1/kubelet'] })
  await expect(injection.inject(wanted, 60_000)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH', exitCode: 64 })
  expect([done, records]).toEqual([[], []])
  intents.remove('theirs')
  await (await injection.inject(wanted, 60_000)).heal()
})

test('a fault without effect is reverted and recorded as unproven', async () => {
  const inject = (): Promise<never> => Promise.reject(new Error('no effect'))
  await expect(injection.inject(fault('a', { inject }), 60_000)).rejects.toMatchObject({ code: 'HF_FAULT_UNPROVEN' })
  expect(done).toEqual(['a healed'])
  expect(edges()).toEqual(['intent', 'unproven'])
  expect(intents.all()).toEqual([])
})

test('a fault is reverted at the end of its TTL and recorded as ended early', async () => {
  await injection.inject(fault('a'), 20)
  await eventually('the end of the TTL', () => edges().includes('healed'), { timeoutMs: 5_000 })
  expect(healed()?.evidence.at(-1)?.facts).toEqual({ early: true })
  expect(intents.all()).toEqual([])
})

test('a fault that its machine has reverted is recorded as ended early', async () => {
  const heal = () => Promise.resolve([{ proves: 'end', facts: { already: true } }])
  await (await injection.inject(fault('a', { heal }), 60_000)).heal()
  expect(healed()?.evidence.at(-1)?.facts).toEqual({ early: true })
})

test('healAll reverts blocking faults first; a failed reversal keeps its intent and makes the cluster dirty', async () => {
  await injection.inject(fault('a'), 60_000)
  await injection.inject(fault('b', { first: true }), 60_000)
  await injection.inject(fault('c', { heal: () => Promise.reject(new Error('stuck')) }), 60_000)
  expect(injection.dirty).toBe(false)
  done = []
  await injection.healAll()
  expect(done).toEqual(['b healed', 'a healed'])
  expect(intents.all().map(({ fault }) => fault)).toEqual(['c'])
  expect(injection.dirty).toBe(true)
  expect(records.at(-1)).toMatchObject({ kind: 'rig', message: expect.stringContaining('stuck') })
})

test('refuses a target that another process claims during the check', async () => {
  const available = async (): Promise<undefined> => {
    intents.write({ id: 'theirs', fault: 'b', until: 1, holder: another, undo: [], claims: ['worker1'] })
  }
  const wanted = fault('a', { claims: ['worker1/kubelet'], available })
  await expect(injection.inject(wanted, 60_000)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH', exitCode: 64 })
  expect([done, records, intents.all().map(({ id }) => id)]).toEqual([[], [], ['theirs']])
})

test('of two concurrent injections in this process one is refused', async () => {
  const both = ['a', 'b'].map((name) => injection.inject(fault(name, { claims: ['worker1'] }), 60_000))
  const results = await Promise.allSettled(both)
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(results[1]).toMatchObject({ reason: { code: 'HF_FAULTS_CLASH' } })
  expect(done).toEqual(['a with 1 on disk'])
})

test('the signal ends the wait for evidence, and the fault is reverted', async () => {
  const stop = new AbortController()
  const patient = new Injection({
    intents,
    emit: (record) => records.push(record),
    witness: () => Promise.resolve(),
    signal: stop.signal,
  })
  const unproven = fault('a', {
    inject: ({ signal }) =>
      eventually('evidence', (): [] | false => false, { timeoutMs: 3_600_000, intervalMs: 1, signal }),
  })
  const injected = patient.inject(unproven, 60_000)
  stop.abort(new Error('interrupted'))
  await expect(injected).rejects.toMatchObject({ code: 'HF_FAULT_UNPROVEN' })
  expect(done).toEqual(['a healed'])
  expect(intents.all()).toEqual([])
})

test('a failed reversal is repeated on the next call', async () => {
  let frozen = true
  const heal = async (): Promise<[]> => {
    if (frozen) throw new Error('it is frozen')
    return []
  }
  const active = await injection.inject(fault('a', { heal }), 60_000)
  await expect(active.heal()).rejects.toThrow('it is frozen')
  expect(intents.all()).toHaveLength(1)
  frozen = false
  await active.heal()
  expect([intents.all(), edges(), injection.dirty]).toEqual([[], ['intent', 'injected', 'healed'], true])
})

test('unreadable reports a damaged intent but not an absent one', () => {
  expect(intents.unreadable()).toEqual([])
  intents.write({ id: 'a', fault: 'kill', until: 0, holder: another, undo: [] })
  writeFileSync(join(folder, 'intents', 'b.json'), '{"id":')
  expect(intents.all()).toHaveLength(1)
  expect(intents.unreadable()).toMatchObject([expect.stringMatching(/^b\.json: /) as string])
  rmSync(join(folder, 'intents'), { recursive: true })
  writeFileSync(join(folder, 'intents'), 'a file in the place of the folder')
  expect(intents.unreadable()).toMatchObject([expect.stringMatching(/ENOTDIR/) as string])
})
