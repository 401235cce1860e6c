import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../harness/common/eventually.ts'
import { OwnEngine } from './crash/own-engine.ts'

/*
 * SIGKILL ends the engine during faults. The engine belongs to this test and has a kept cluster: once an engine runs again, all
 * machines must be healthy with no active fault.
 */

const forMs = 5_000
/** The agent's TTL is ten seconds longer than requested; five more until everything must be reverted. */
const goneWithinMs = forMs + 10_000 + 5_000
const names = ['etcd1', 'control-plane1', 'worker1']
const kubectl = 'kubectl --kubeconfig=/etc/kubernetes/admin.conf'

interface Finished {
  readonly code: number | null
  readonly text: string
}

let engine: OwnEngine
let folder = ''
let run = ''

const here = OwnEngine.possible()

beforeAll(async () => {
  if (!here) return
  engine = await OwnEngine.start()
  folder = join(engine.folder, 'runs')
  const { code, text } = await (await holdfast('up', '--topology', 'single', '--distribution', 'upstream')).ended
  expect(code, text).toBe(0)
  run = (await readdir(folder))[0] ?? ''
})
afterAll(() => engine?.[Symbol.asyncDispose]())

async function holdfast(...args: string[]): Promise<{ output: () => string; ended: Promise<Finished> }> {
  const [command, argv] = await engine.within([process.execPath, 'harness/cli/main.ts', ...args])
  const child = spawn(command, argv, {
    env: { ...engine.environment, HOLDFAST_OUT: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { output: () => text, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, text })) }
}

const machine = (name: string): string => `holdfast-${run}-${name}`
const status = (name: string): Promise<string> =>
  engine.docker('inspect', '--format', '{{.State.Status}}', machine(name))
const inside = (name: string, script: string): Promise<string> =>
  engine.docker('exec', machine(name), 'sh', '-c', script)

/** Reads active faults from disk, engine and each machine's kernel. @throws if there is one */
async function nothingInForce(): Promise<true> {
  const intents = await readdir(join(folder, run, 'intents'))
  if (intents.length > 0) {
    const output = await readFile(join(folder, run, 'guardian.log'), 'utf8')
    throw new Error(`intents: ${intents.join(', ')}; guardian's log: ${output.slice(-600)}`)
  }
  for (const name of names) {
    const state = await status(name)
    if (state !== 'running') throw new Error(`${name} is ${state}`)
    const left = await inside(
      name,
      `ls /opt/holdfast/applied-faults; nft list tables | grep holdfast; ps -eo stat=,args= | grep '^T'; true`,
    )
    if (left !== '') throw new Error(`${name}: ${left}`)
  }
  return true
}

test.skipIf(!here)(
  'after a SIGKILL of dockerd during faults and its restart no fault is active, and the kept cluster is healthy',
  async () => {
    const time = ['--for', `${forMs}ms`]
    const faults = await Promise.all([
      holdfast('inject', 'freeze-machine', '--target', 'worker1', ...time),
      holdfast('inject', 'pause', '--target', 'kube-scheduler@any', ...time),
    ])
    for (const { output } of faults)
      await eventually('the fault to be injected', () => output().includes(': injected'), {
        timeoutMs: 60_000,
        intervalMs: 5,
      })
    expect(await status('worker1')).toBe('paused')
    await engine.kill()
    // Neither fault can be healed now: both commands fail and leave the rest to their guardians.
    for (const { ended } of faults) expect((await ended).code).not.toBe(0)
    await engine.launch()
    await eventually('no fault to be active', nothingInForce, { timeoutMs: goneWithinMs, intervalMs: 100 })
    await eventually(
      'both Nodes to be Ready and a write to succeed',
      async () => {
        await inside('control-plane1', `${kubectl} annotate --overwrite namespace default holdfast/test=$(date +%s)`)
        const nodes = await inside('control-plane1', `${kubectl} get nodes --no-headers`)
        return nodes.split('\n').filter((line) => / Ready /.test(line)).length === 2
      },
      { timeoutMs: 120_000, intervalMs: 250 },
    )
    // Another fault can be injected: nothing claims the targets, and every machine has an agent.
    const again = await (await holdfast('inject', 'freeze-machine', '--target', 'worker1', '--for', '100ms')).ended
    expect(again.code, again.text).toBe(0)
  },
)
