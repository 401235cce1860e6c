import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster } from '../../harness/cluster/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { Audit } from '../../harness/faults/audit.ts'
import { attach } from '../../harness/run/attach.ts'
import { type KeptCluster, down, up } from '../../harness/run/kept-cluster.ts'

/*
 * The harness killed with SIGKILL at random moments in random faults, on a cluster that is kept. What it left is asked of the
 * engine and of the machines' kernels by commands of the engine's own: our agents are not believed here.
 * `npm run test:crash` does it a hundred times.
 */

const asked = process.env['HOLDFAST_CRASHES']
const crashes = Number(asked ?? 20)
/** The same faults each time in `npm test`, others each time when so many are asked for; the moments are never the same. */
const seed = Number(process.env['HOLDFAST_SEED'] ?? (asked === undefined ? 322_835_014 : Date.now() % 2 ** 31))
const forMs = 5_000
/** Ten seconds longer than asked for is the lease; and five more until everything has to be gone. */
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

const run = promisify(execFile)
const stop = new AbortController()
const random = xorshift128plus(seed)
let folder = ''
let kept: KeptCluster
let cluster: Cluster
let audit: Audit
let child: ChildProcess | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-crash-'))
  const options = { topology: 'single', distribution: 'auto', timings: 'stock', out: folder } as const
  kept = await up({ ...options, signal: stop.signal, progress: () => undefined })
  cluster = await attach(kept.folder, () => undefined)
  audit = await Audit.baseline(cluster)
})
afterAll(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL')
  for (const machine of cluster?.machines ?? []) await machine.disconnect()
  if (kept) await down(kept.name)
  await rm(folder, { recursive: true, force: true })
})

test(
  `killed at ${crashes} random moments in random faults (seed ${seed}), the harness leaves nothing in force`,
  async () => {
    for (let n = 1; n <= crashes; n++) {
      const words = faults[uniformInt(random, 0, faults.length - 1)] ?? []
      const [edge, moreMs] = [uniformInt(random, 0, 3), uniformInt(random, 0, 400)]
      const story = `crash ${n}: ${words.join(' ')}, ${moreMs} ms after ${['its start', 'intent', 'intent', 'injected'][edge]}`
      await crash(words, edge === 0 ? undefined : edge === 3 ? ': injected' : ': intent', moreMs)
      await nothingInForce(story)
    }
    await healthy()
  },
  60 * 60_000,
)

test('the guardian killed with SIGKILL is replaced, and the new one undoes what a killed harness left', async () => {
  const words = ['freeze-machine', '--target', 'worker1']
  const { harness, said } = inject(words)
  await says(said, ': injected')
  const guardian = await guardianOf(harness)
  process.kill(guardian, 'SIGKILL')
  const next = await eventually(
    'another guardian',
    async () => {
      const pid = await guardianOf(harness)
      return pid !== guardian ? pid : undefined
    },
    { withinMs: 10_000 },
  )
  expect(next).not.toBe(guardian)
  harness.kill('SIGKILL')
  await nothingInForce('the guardian and then the harness killed')
  await healthy()
})

test('harness and guardian killed together: the next command undoes what nobody was left to undo', async () => {
  const { harness, said } = inject(['freeze-machine', '--target', 'worker1'])
  await says(said, ': injected')
  const guardian = await guardianOf(harness)
  const frozen = async (): Promise<boolean> =>
    (await leftIn(cluster.machine('worker1').containerId)).startsWith('paused')
  // One that stands still can't be quicker than the second signal.
  process.kill(guardian, 'SIGSTOP')
  const ended = once(harness, 'exit')
  harness.kill('SIGKILL')
  process.kill(guardian, 'SIGKILL')
  await ended
  expect(await frozen()).toBe(true)
  const next = inject(['pause', '--target', 'kube-scheduler@any', '--for', '100ms'])
  const [code] = await once(next.harness, 'exit')
  expect([code, next.said()]).toEqual([0, expect.stringContaining('reverted 1 orphaned faults')])
  expect(await frozen()).toBe(false)
  await nothingInForce('harness and guardian killed together')
  await healthy()
})

test('two commands that want the same at the same instant: one of them goes on', async () => {
  const both = [1, 2].map(() => inject(['pause', '--target', 'kube-scheduler@any', '--for', '2m']))
  const ends = both.map(async ({ harness }, n) => ({ n, code: ((await once(harness, 'exit')) as [number | null])[0] }))
  const { n, code } = await Promise.race(ends)
  const [refused, other] = n === 0 ? both : both.toReversed()
  expect([code, refused?.said()]).toEqual([64, expect.stringContaining('HF_FAULTS_CLASH')])
  await says(() => other?.said() ?? '', ': injected')
  other?.harness.kill('SIGINT')
  await Promise.all(ends)
  await nothingInForce('two at once')
})

function inject(words: readonly string[]): { harness: ChildProcess; said: () => string } {
  const time = words.includes('--for') ? [] : ['--for', `${forMs}ms`]
  const argv = ['harness/cli/main.ts', 'inject', ...words, ...time, '--cluster', kept.name]
  const harness = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  child = harness
  let text = ''
  for (const stream of [harness.stdout, harness.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { harness, said: () => text }
}

async function says(said: () => string, what: string): Promise<void> {
  await eventually(
    `"${what}"`,
    () => {
      if (!said().includes(what)) throw new Error(`it said: ${said().slice(-500)}`)
      return true
    },
    { withinMs: 60_000, everyMs: 2 },
  )
}

/** Starts a fault and kills its harness so long after it has told of an edge, or after its start. */
async function crash(words: readonly string[], edge: string | undefined, moreMs: number): Promise<void> {
  const { harness, said } = inject(words)
  const ended = once(harness, 'exit')
  if (edge !== undefined) {
    const told = says(said, edge)
    // A fault that is over, or not to be had just now, can end first: then there is nobody to kill.
    await Promise.race([told, ended])
  }
  await delay(moreMs)
  harness.kill('SIGKILL')
  await ended
}

async function nothingInForce(story: string): Promise<void> {
  await eventually(
    `nothing in force after ${story}`,
    async () => {
      const intents = await readdir(join(kept.folder, 'intents')).catch(() => [])
      if (intents.length > 0) throw new Error(`intents: ${intents.join(', ')}; its guardian said: ${await lastWords()}`)
      const names = (
        await run('docker', ['ps', '--all', '--format', '{{.Names}}', '--filter', `label=holdfast=${kept.name}`])
      ).stdout
      if (names.trim().split('\n').length > cluster.machines.length) throw new Error(`machines: ${names}`)
      for (const { name, containerId } of cluster.machines) {
        const left = await leftIn(containerId)
        if (left !== '') throw new Error(`${name}: ${left}`)
      }
      return true
    },
    { withinMs: goneWithinMs, everyMs: 100 },
  )
}

async function lastWords(): Promise<string> {
  return (await readFile(join(kept.folder, 'guardian.log'), 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .slice(-3)
    .join('; ')
}

/** What is in force in a machine, by the engine and by tools in it: '' for nothing. */
async function leftIn(id: string): Promise<string> {
  const format = '{{.State.Status}} {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
  const [status = '', ...addresses] = (await run('docker', ['inspect', '--format', format, id])).stdout
    .trim()
    .split(' ')
  if (status !== 'running' || addresses.length === 0) return `${status} with addresses ${addresses.join(' ')}`
  const script = `ls /opt/holdfast/leases; ls -d /sys/fs/cgroup/cpu/holdfast_* 2>/dev/null; nft list tables | grep holdfast
    cat /sys/class/net/eth*/operstate | grep -v up; ps -eo stat=,args= | grep '^T'; for sv in /opt/holdfast/sv/*; do sv status $sv | grep -v '^run'; done; true`
  return (await run('docker', ['exec', id, 'sh', '-c', script])).stdout.trim()
}

async function healthy(): Promise<void> {
  const patience = { withinMs: 120_000, everyMs: 200 }
  await eventually('writes to be taken', () => cluster.probeWrite(), patience)
  await eventually(
    'every Node to be Ready',
    async () => (await Promise.all(cluster.nodes.map((node) => cluster.nodeReady(node)))).every(Boolean),
    patience,
  )
  await eventually('both elections to be held', () => cluster.electionsHeld(), patience)
  expect(await audit.residue()).toEqual([])
}

/** The guardian that this harness has started, from the kernel's own list of its children. */
async function guardianOf({ pid }: ChildProcess): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  for (const one of children) {
    if ((await readFile(`/proc/${one}/cmdline`, 'utf8')).includes('guardian-main')) return Number(one)
  }
  throw new Error('it has no guardian')
}
