import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identityOf, thisProcess } from '../process-identity.ts'
import { claim } from './claim.ts'
import { type Intent, Intents } from './intents.ts'

/* Who goes on when several want the same at the same moment. The other process is a real one: whoever started this one. */

let folder = ''
let intents: Intents
const another = identityOf(process.ppid)
const dead = { pid: process.ppid, startedAt: 'long ago' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-claim-'))
  intents = new Intents(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const intent = (lease: string, holder: Intent['holder'], claims = ['worker1']): Intent => ({
  lease,
  fault: lease,
  until: 1,
  holder,
  undo: [],
  claims,
})
const onDisk = (): string[] => readdirSync(join(folder, 'intents')).sort()

test('a rival that was announced and sorts first: this one makes way, and leaves nothing', async () => {
  intents.announce(intent('a', another))
  await expect(claim(intents, intent('b', thisProcess()))).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
  expect(onDisk()).toEqual(['a.announced'])
})

test('a rival that sorts later and makes way: this one waits for it and goes on', async () => {
  intents.announce(intent('b', another))
  const claimed = claim(intents, intent('a', thisProcess()))
  expect(intents.all()).toEqual([])
  intents.withdraw('b')
  await claimed
  expect(onDisk()).toEqual(['a.json'])
})

test('a rival that sorts later and had gone on before it could see this one: this one makes way', async () => {
  intents.announce(intent('b', another))
  const claimed = claim(intents, intent('a', thisProcess()))
  intents.confirm('b')
  await expect(claimed).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
  expect(onDisk()).toEqual(['b.json'])
})

test('what wants something else, and what died before it touched anything, is nobody to wait for', async () => {
  intents.announce(intent('a', another, ['worker2']))
  intents.announce(intent('b', dead))
  await claim(intents, intent('c', thisProcess()))
  expect(onDisk()).toEqual(['a.announced', 'b.announced', 'c.json'])
})

test('what died before it touched anything is swept away, and nothing else', () => {
  intents.announce(intent('a', another))
  intents.announce(intent('b', dead))
  intents.write(intent('c', dead))
  // No process has such a number.
  for (const pid of [process.pid, 2 ** 30]) writeFileSync(join(folder, 'intents', `d.${pid}.new`), '')
  intents.sweep()
  expect(onDisk()).toEqual(['a.announced', 'c.json', `d.${process.pid}.new`])
})
