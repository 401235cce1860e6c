import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { $ } from '../../../harness/host/shell.ts'
import type { Cluster } from '../../../harness/cluster/cluster.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { ResidueCheck } from '../../../harness/faults/residue/residue-check.ts'
import { attach } from '../../../harness/run/kept-clusters/attach.ts'
import { type KeptCluster, down, up } from '../../../harness/run/kept-clusters/kept-cluster.ts'

/*
 * Frozen file systems and machines whose agents and harness are killed or frozen too. A process that writes to a frozen file
 * system can't be killed, and nothing runs in a frozen machine. The harness is the real program and refuses to freeze a machine
 * whose disk it has frozen; here the engine's own command does.
 */

const victim = 'etcd1'
/** Far longer than the tests: no fault here ends by its TTL. */
const lasts = '10m'
const goneWithinMs = 60_000
const stop = new AbortController()
const harnesses: ChildProcess[] = []
let folder = ''
let kept: KeptCluster | undefined
let cluster: Cluster
let residueCheck: ResidueCheck

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-wedged-'))
  const options = { topology: 'single', distribution: 'upstream', timings: 'stock', out: folder } as const
  kept = await up({ ...options, signal: stop.signal, progress: () => undefined })
  cluster = await attach(kept.folder, () => undefined)
  residueCheck = await ResidueCheck.baseline(cluster)
})
afterAll(async () => {
  for (const harness of harnesses) harness.kill('SIGKILL')
  await leave()
  await rm(folder, { recursive: true, force: true })
})

async function leave(): Promise<void> {
  for (const machine of cluster?.machines ?? []) await machine.disconnect()
  const name = kept?.name
  kept = undefined
  if (name) await down(name)
}

/** Starts a harness and waits until its fault is active. */
async function inForce(fault: string): Promise<ChildProcess> {
  const args = ['inject', fault, '--target', victim, '--for', lasts, '--cluster', kept?.name ?? '']
  const harness = spawn(process.execPath, ['harness/cli/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  harnesses.push(harness)
  let output = ''
  for (const stream of [harness.stdout, harness.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await eventually(
    `${fault} to be injected`,
    () => {
      if (harness.exitCode !== null) throw new Error(output)
      return output.includes(': injected')
    },
    { timeoutMs: 60_000, intervalMs: 20 },
  )
  return harness
}

async function killed(harness: ChildProcess): Promise<void> {
  const ended = once(harness, 'exit')
  harness.kill('SIGKILL')
  await ended
}

const container = (): string => cluster.machine(victim).containerId
const shell = async (script: string): Promise<string> =>
  (await $`docker exec ${container()} sh -c ${script}`).stdout.trim()
/** Freezes the machine with the engine's own command, as another user could. */
async function freeze(): Promise<void> {
  await $`docker pause ${container()}`
  expect(await status()).toBe('paused')
}
const status = async (): Promise<string> =>
  (await $`docker inspect --format ${'{{.State.Status}}'} ${container()}`).stdout.trim()
/** Lists etcd's threads in uninterruptible sleep: they wait for the frozen disk. */
const stuck = (): Promise<string> => shell('ps -eLo stat=,comm= | grep "^D.* etcd$" || true')

async function asBefore(): Promise<void> {
  await eventually('the machine to run', async () => (await status()) === 'running', { timeoutMs: goneWithinMs })
  // A thawed disk accepts writes before the original disk is restored.
  const disk = 'grep /run/holdfast /proc/mounts; losetup --list --noheadings | grep holdfast-disk; true'
  await eventually('its disk to be restored', async () => (await shell(disk)) === '', { timeoutMs: goneWithinMs })
  await eventually('a write to succeed', () => cluster.probeWrite(), { timeoutMs: goneWithinMs, intervalMs: 200 })
  expect(await residueCheck.residue()).toEqual([])
}

test('thaws and restores a frozen disk after harness and agents were killed', async () => {
  const harness = await inForce('stall-disk')
  await eventually('etcd to be stuck', async () => (await stuck()) !== '', { timeoutMs: 30_000 })
  await killed(harness)
  await shell(`pkill -KILL -f '^/opt/holdfast/node /opt/holdfast/agent.mjs'`)
  await asBefore()
})

test('thaws a machine that the engine froze and its frozen disk after the harness was killed', async () => {
  const harness = await inForce('stall-disk')
  await freeze()
  await killed(harness)
  await asBefore()
})

test('removes a cluster with a frozen machine and disk at once, with its loop device', async () => {
  // Identified by the file's inode: all these files have the same name.
  const list = 'losetup --list --noheadings --raw --output NAME,BACK-INO,BACK-MAJ:MIN'
  const name = kept?.name ?? ''
  const harness = await inForce('stall-disk')
  const device = await shell(`${list} --associated /var/lib/etcd/holdfast-disk.img`)
  expect(device).toMatch(/^\/dev\/loop/)
  await freeze()
  await killed(harness)
  await leave()
  const label = `label=holdfast=${name}`
  expect((await $`docker ps --all --quiet --filter ${label}`).stdout).toBe('')
  await eventually('its loop device to be removed', async () => !(await $`sh -c ${list}`).stdout.includes(device), {
    timeoutMs: 10_000,
  })
})
