import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { $ } from '../../../harness/host/shell.ts'
import type { Cluster } from '../../../harness/cluster/cluster.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { ResidueCheck } from '../../../harness/faults/residue/residue-check.ts'
import { attach } from '../../../harness/run/kept-clusters/attach.ts'
import { type KeptCluster, down, up } from '../../../harness/run/kept-clusters/kept-cluster.ts'

/*
 * SIGKILL ends the harness at random moments of random faults on a kept cluster. The test reads what is left from the engine and
 * from the machines' kernels, without agents. `npm run test:crash` repeats it 100 times.
 */

const requested = process.env['HOLDFAST_CRASHES']
const crashes = Number(requested ?? 20)
/** `npm test` injects the same faults each time, a requested number of crashes random ones. Moments always differ. */
const seed = Number(process.env['HOLDFAST_SEED'] ?? (requested === undefined ? 322_835_014 : Date.now() % 2 ** 31))
const forMs = 5_000
/** The agent's TTL is ten seconds longer than requested; five more until everything must be reverted. */
const goneWithinMs = forMs + 10_000 + 5_000

const faults: readonly (readonly string[])[] = [
  ['kill', '--target', 'kube-scheduler@any'],
  ['kill', '--target', 'kubelet@worker1', '--set', 'stay=false'],
  ['stop', '--target', 'kube-proxy@all'],
  ['pause', '--target', 'etcd@any'],
  ['pause', '--target', 'kube-apiserver@any'],
  ['crash-loop', '--target', 'kube-controller-manager@any', '--set', 'everyMs=200'],
  ['slow', '--target', 'kube-apiserver@any'],
  ['pause-container', '--target', 'kube-system/coredns/coredns'],
  ['kill-machine', '--target', 'worker1'],
  ['freeze-machine', '--target', 'any-worker'],
  ['restart-machine', '--target', 'worker1'],
  ['unplug-machine', '--target', 'any-worker'],
  ['cordon', '--target', 'worker1'],
  ['add-worker', '--target', 'cluster'],
]

const stop = new AbortController()
const random = xorshift128plus(seed)
let folder = ''
let kept: KeptCluster
let cluster: Cluster
let residueCheck: ResidueCheck
let child: ChildProcess | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-crash-'))
  const options = { topology: 'single', distribution: 'auto', timings: 'stock', out: folder } as const
  kept = await up({ ...options, signal: stop.signal, progress: () => undefined })
  cluster = await attach(kept.folder, () => undefined)
  residueCheck = await ResidueCheck.baseline(cluster)
})
afterAll(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL')
  for (const machine of cluster?.machines ?? []) await machine.disconnect()
  if (kept) await down(kept.name)
  await rm(folder, { recursive: true, force: true })
})

test(
  `a harness killed at ${crashes} random moments of random faults (seed ${seed}) leaves no fault active`,
  async () => {
    for (let n = 1; n <= crashes; n++) {
      const args = faults[uniformInt(random, 0, faults.length - 1)] ?? []
      const [edge, moreMs] = [uniformInt(random, 0, 3), uniformInt(random, 0, 400)]
      const attempt = `crash ${n}: ${args.join(' ')}, ${moreMs} ms after ${['its start', 'intent', 'intent', 'injected'][edge]}`
      await crash(args, edge === 0 ? undefined : edge === 3 ? ': injected' : ': intent', moreMs)
      await nothingInForce(attempt)
    }
    await healthy()
  },
  60 * 60_000,
)

test('a new guardian replaces a killed one and reverts the faults of a killed harness', async () => {
  const args = ['freeze-machine', '--target', 'worker1']
  const { harness, output } = inject(args)
  await waitForOutput(output, ': injected')
  const guardian = await guardianOf(harness)
  process.kill(guardian, 'SIGKILL')
  const next = await eventually(
    'another guardian',
    async () => {
      const pid = await guardianOf(harness)
      return pid !== guardian ? pid : undefined
    },
    { timeoutMs: 10_000 },
  )
  expect(next).not.toBe(guardian)
  harness.kill('SIGKILL')
  await nothingInForce('the guardian and then the harness killed')
  await healthy()
})

test('the next command reverts the faults of a harness and guardian that were killed together', async () => {
  const { harness, output } = inject(['freeze-machine', '--target', 'worker1'])
  await waitForOutput(output, ': injected')
  const guardian = await guardianOf(harness)
  const frozen = async (): Promise<boolean> =>
    (await leftIn(cluster.machine('worker1').containerId)).startsWith('paused')
  // A stopped guardian can't react before the second signal.
  process.kill(guardian, 'SIGSTOP')
  const ended = once(harness, 'exit')
  harness.kill('SIGKILL')
  process.kill(guardian, 'SIGKILL')
  await ended
  expect(await frozen()).toBe(true)
  const next = inject(['pause', '--target', 'kube-scheduler@any', '--for', '100ms'])
  const [code] = await once(next.harness, 'exit')
  expect([code, next.output()]).toEqual([0, expect.stringContaining('reverted 1 orphaned faults')])
  expect(await frozen()).toBe(false)
  await nothingInForce('harness and guardian killed together')
  await healthy()
})

test('one of two simultaneous commands with the same target continues', async () => {
  const both = [1, 2].map(() => inject(['pause', '--target', 'kube-scheduler@any', '--for', '2m']))
  const ends = both.map(async ({ harness }, n) => ({ n, code: ((await once(harness, 'exit')) as [number | null])[0] }))
  const { n, code } = await Promise.race(ends)
  const [refused, other] = n === 0 ? both : both.toReversed()
  expect([code, refused?.output()]).toEqual([64, expect.stringContaining('HF_FAULTS_CLASH')])
  await waitForOutput(() => other?.output() ?? '', ': injected')
  other?.harness.kill('SIGINT')
  await Promise.all(ends)
  await nothingInForce('two at once')
})

function inject(args: readonly string[]): { harness: ChildProcess; output: () => string } {
  const time = args.includes('--for') ? [] : ['--for', `${forMs}ms`]
  const argv = ['harness/cli/main.ts', 'inject', ...args, ...time, '--cluster', kept.name]
  const harness = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  child = harness
  let text = ''
  for (const stream of [harness.stdout, harness.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { harness, output: () => text }
}

async function waitForOutput(output: () => string, what: string): Promise<void> {
  await eventually(
    `"${what}"`,
    () => {
      if (!output().includes(what)) throw new Error(`output: ${output().slice(-500)}`)
      return true
    },
    { timeoutMs: 60_000, intervalMs: 2 },
  )
}

/** Starts a fault and kills its harness `moreMs` after its start or after it printed the edge. */
async function crash(args: readonly string[], edge: string | undefined, moreMs: number): Promise<void> {
  const { harness, output } = inject(args)
  const ended = once(harness, 'exit')
  if (edge !== undefined) {
    // The harness may end first, when the fault is over or impossible at that moment.
    await Promise.race([waitForOutput(output, edge), ended])
  }
  await delay(moreMs)
  harness.kill('SIGKILL')
  await ended
}

async function nothingInForce(attempt: string): Promise<void> {
  await eventually(
    `no active fault after ${attempt}`,
    async () => {
      const intents = await readdir(join(kept.folder, 'intents')).catch(() => [])
      if (intents.length > 0) throw new Error(`intents: ${intents.join(', ')}; guardian's log: ${await guardianLog()}`)
      const filter = `label=holdfast=${kept.name}`
      const { stdout: names } = await $`docker ps --all --format ${'{{.Names}}'} --filter ${filter}`
      if (names.trim().split('\n').length > cluster.machines.length) throw new Error(`machines: ${names}`)
      for (const { name, containerId } of cluster.machines) {
        const left = await leftIn(containerId)
        if (left !== '') throw new Error(`${name}: ${left}`)
      }
      return true
    },
    { timeoutMs: goneWithinMs, intervalMs: 100 },
  )
}

async function guardianLog(): Promise<string> {
  return (await readFile(join(kept.folder, 'guardian.log'), 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .slice(-3)
    .join('; ')
}

/** Lists active faults of a machine, read from the engine and by tools in the machine; '' for none. */
async function leftIn(id: string): Promise<string> {
  const format = '{{.State.Status}} {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
  const { stdout } = await $`docker inspect --format ${format} ${id}`
  const [status = '', ...addresses] = stdout.trim().split(' ')
  if (status !== 'running' || addresses.length === 0) return `${status} with addresses ${addresses.join(' ')}`
  const script = `ls /opt/holdfast/applied-faults; ls -d /sys/fs/cgroup/cpu/holdfast_* 2>/dev/null; nft list tables | grep holdfast
    cat /sys/class/net/eth*/operstate | grep -v up; ps -eo stat=,args= | grep '^T'; for sv in /opt/holdfast/sv/*; do sv status $sv | grep -v '^run'; done; true`
  return (await $`docker exec ${id} sh -c ${script}`).stdout.trim()
}

async function healthy(): Promise<void> {
  const waitOptions = { timeoutMs: 120_000, intervalMs: 200 }
  await eventually('a write to succeed', () => cluster.probeWrite(), waitOptions)
  await eventually(
    'every Node to be Ready',
    async () => (await Promise.all(cluster.nodes.map((node) => cluster.nodeReady(node)))).every(Boolean),
    waitOptions,
  )
  await eventually('both components to elect a leader', () => cluster.electionsHeld(), waitOptions)
  expect(await residueCheck.residue()).toEqual([])
}

/** Finds the harness's guardian among its child processes. */
async function guardianOf({ pid }: ChildProcess): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  for (const one of children) {
    if ((await readFile(`/proc/${one}/cmdline`, 'utf8')).includes('guardian-main')) return Number(one)
  }
  throw new Error('the harness has no guardian')
}
