import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identityOf, thisProcess } from '../../common/process-identity.ts'
import { storeIntent } from './store-intent.ts'
import { type Intent, Intents } from './intents.ts'

/* Concurrent claims of the same target. The other process is a real one: the parent of this test. */

let folder = ''
let intents: Intents
const another = identityOf(process.ppid)
const dead = { pid: process.ppid, startedAt: 'long ago' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-claim-'))
  intents = new Intents(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const intent = (id: string, holder: Intent['holder'], claims = ['worker1']): Intent => ({
  id,
  fault: id,
  until: 1,
  holder,
  undo: [],
  claims,
})
const onDisk = (): string[] => readdirSync(join(folder, 'intents')).sort()

test('withdraws for an announced rival with a lower id, and leaves no file', async () => {
  intents.announce(intent('a', another))
  await expect(storeIntent(intents, intent('b', thisProcess()))).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
  expect(onDisk()).toEqual(['a.announced'])
})

test('waits for a rival with a higher id to withdraw, then confirms', async () => {
  intents.announce(intent('b', another))
  const stored = storeIntent(intents, intent('a', thisProcess()))
  expect(intents.all()).toEqual([])
  intents.withdraw('b')
  await stored
  expect(onDisk()).toEqual(['a.json'])
})

test('withdraws when a rival with a higher id is confirmed first', async () => {
  intents.announce(intent('b', another))
  const stored = storeIntent(intents, intent('a', thisProcess()))
  intents.confirm('b')
  await expect(stored).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
  expect(onDisk()).toEqual(['b.json'])
})

test('does not wait for other targets or for dead processes', async () => {
  intents.announce(intent('a', another, ['worker2']))
  intents.announce(intent('b', dead))
  await storeIntent(intents, intent('c', thisProcess()))
  expect(onDisk()).toEqual(['a.announced', 'b.announced', 'c.json'])
})

test('sweep removes only files of processes that died before their injection', () => {
  intents.announce(intent('a', another))
  intents.announce(intent('b', dead))
  intents.write(intent('c', dead))
  // No process has this pid.
  for (const pid of [process.pid, 2 ** 30]) writeFileSync(join(folder, 'intents', `d.${pid}.new`), '')
  intents.sweep()
  expect(onDisk()).toEqual(['a.announced', 'c.json', `d.${process.pid}.new`])
})
