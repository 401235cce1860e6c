import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster } from '../../harness/cluster/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { Audit } from '../../harness/faults/audit.ts'
import { attach } from '../../harness/run/attach.ts'
import { type KeptCluster, down, up } from '../../harness/run/kept-cluster.ts'

/*
 * What wedges a machine, when everybody who could undo it is killed or frozen as well: whoever writes to a frozen file system
 * can't be killed, and nothing runs in a frozen machine. The harness is the real program, killed with SIGKILL. It refuses to
 * freeze a machine whose disk it has stopped; here somebody else does.
 */

const run = promisify(execFile)
const victim = 'etcd1'
/** Far longer than all of it may take: nothing here ends because its time is over. */
const lasts = '10m'
const goneWithinMs = 60_000
const stop = new AbortController()
const harnesses: ChildProcess[] = []
let folder = ''
let kept: KeptCluster | undefined
let cluster: Cluster
let audit: Audit

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-wedged-'))
  const options = { topology: 'single', distribution: 'upstream', timings: 'stock', out: folder } as const
  kept = await up({ ...options, signal: stop.signal, progress: () => undefined })
  cluster = await attach(kept.folder, () => undefined)
  audit = await Audit.baseline(cluster)
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

/** A harness of its own that has a fault in force. */
async function inForce(fault: string): Promise<ChildProcess> {
  const words = ['inject', fault, '--target', victim, '--for', lasts, '--cluster', kept?.name ?? '']
  const harness = spawn(process.execPath, ['harness/cli/main.ts', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  harnesses.push(harness)
  let said = ''
  for (const stream of [harness.stdout, harness.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await eventually(
    `${fault} to be injected`,
    () => {
      if (harness.exitCode !== null) throw new Error(said)
      return said.includes(': injected')
    },
    { withinMs: 60_000, everyMs: 20 },
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
  (await run('docker', ['exec', container(), 'sh', '-c', script])).stdout.trim()
/** By the engine's own command: as whoever knows nothing of us would. */
async function freeze(): Promise<void> {
  await run('docker', ['pause', container()])
  expect(await status()).toBe('paused')
}
const status = async (): Promise<string> =>
  (await run('docker', ['inspect', '--format', '{{.State.Status}}', container()])).stdout.trim()
/** Threads of etcd that sleep in the kernel and can't be killed, as ps tells them: what waits for a disk that stands still. */
const stuck = (): Promise<string> => shell('ps -eLo stat=,comm= | grep "^D.* etcd$" || true')

async function asBefore(): Promise<void> {
  await eventually('the machine to run', async () => (await status()) === 'running', { withinMs: goneWithinMs })
  // Thawed it takes writes already, before it is given back.
  const disk = 'grep /run/holdfast /proc/mounts; losetup --list --noheadings | grep holdfast-disk; true'
  await eventually('its disk to be given back', async () => (await shell(disk)) === '', { withinMs: goneWithinMs })
  await eventually('writes to be taken', () => cluster.probeWrite(), { withinMs: goneWithinMs, everyMs: 200 })
  expect(await audit.residue()).toEqual([])
}

test('a disk stands still, and harness and agents are killed: the disk is thawed and given back', async () => {
  const harness = await inForce('stall-disk')
  await eventually('etcd to be stuck', async () => (await stuck()) !== '', { withinMs: 30_000 })
  await killed(harness)
  await shell(`pkill -KILL -f '^/opt/holdfast/node /opt/holdfast/agent.mjs'`)
  await asBefore()
})

test('a disk stands still in a machine that somebody froze, and the harness is killed: all is thawed', async () => {
  const harness = await inForce('stall-disk')
  await freeze()
  await killed(harness)
  await asBefore()
})

test('a cluster with such a machine goes away at once, with its loop device', async () => {
  // By the file's inode: all such files have one name.
  const list = 'losetup --list --noheadings --raw --output NAME,BACK-INO,BACK-MAJ:MIN'
  const name = kept?.name ?? ''
  const harness = await inForce('stall-disk')
  const device = await shell(`${list} --associated /var/lib/etcd/holdfast-disk.img`)
  expect(device).toMatch(/^\/dev\/loop/)
  await freeze()
  await killed(harness)
  await leave()
  const label = `label=holdfast=${name}`
  expect((await run('docker', ['ps', '--all', '--quiet', '--filter', label])).stdout).toBe('')
  await eventually('its loop device to be gone', async () => !(await run('sh', ['-c', list])).stdout.includes(device), {
    withinMs: 10_000,
  })
})
