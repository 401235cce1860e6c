import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exists, unlessAbsent } from './absence.ts'
import { agentAction } from '../actions/action.ts'
import { AppliedFaultStore } from './applied-fault-store.ts'
import { AppliedFaults } from './applied-faults.ts'
import { containers } from '../processes/runtime-containers.ts'
import { hasEnded } from '../processes/supervisor.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-absence-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** A file in the place of a folder: reading below it fails, even for root. */
function fileInPlace(): string {
  const path = join(folder, 'file')
  writeFileSync(path, '')
  return path
}

test('a missing path is absent, and an unreadable one is an error', async () => {
  expect(exists(folder)).toBe(true)
  expect(exists(join(folder, 'nothing'))).toBe(false)
  expect(() => exists(join(fileInPlace(), 'below'))).toThrow('ENOTDIR')
  expect(await unlessAbsent(readFile(join(folder, 'nothing')))).toBeUndefined()
  await expect(unlessAbsent(readdir(fileInPlace()))).rejects.toThrow('ENOTDIR')
})

test('a missing process has ended', () => {
  expect(hasEnded({ pid: 4_194_304 + 1, startedAt: '1' })).toBe(true)
  expect(hasEnded({ pid: process.pid, startedAt: '1' })).toBe(true)
})

test('a machine without a container runtime has no containers, and unreadable tasks are an error', async () => {
  expect(await containers(join(folder, 'nothing'))).toEqual([])
  await expect(containers(fileInPlace())).rejects.toThrow('ENOTDIR')
  // A folder in the place of the task's pid file.
  rmSync(join(folder, 'file'))
  mkdirSync(join(folder, 'task', 'init.pid'), { recursive: true })
  await expect(containers(folder)).rejects.toThrow('EISDIR')
})

test('an unreadable record counts as an active fault: it is reported, never settled, and blocks no other fault', async () => {
  const store = new AppliedFaultStore(join(folder, 'applied-faults'))
  const nothing = agentAction({ name: 'nothing', do: async (_: object) => ({}), undo: async () => ({ undone: true }) })
  const appliedFaults = new AppliedFaults([nothing], store)
  writeFileSync(join(folder, 'applied-faults', 'cut-1.json'), '{"id":"cut')
  expect(await appliedFaults.recover()).toMatchObject([{ id: 'cut-1', error: expect.any(String) as string }])
  await expect(appliedFaults.awaitReverted(['cut-1'], 50)).rejects.toMatchObject({ lastSeen: 'cut-1 still active' })
  await appliedFaults.apply('other', 60_000, { do: 'nothing', params: {} } as never)
  expect(await appliedFaults.revert('other')).toEqual({ undone: true })
})
