import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { type Server, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { $ } from '../../../harness/host/shell.ts'
import { engine } from '../../../harness/cluster/machine/engine.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { judgeJournal } from '../../../harness/contracts/judge-journal.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import { findLeftovers } from '../../../harness/run/orphans/runs-on-engine.ts'
import { isHostNoise } from '../../../harness/vitest/contract-tests.ts'

/* However a run of the real program ends, nothing of it stays in Docker. */

const folders: string[] = []
const children: ChildProcess[] = []

afterEach(async () => {
  // Ends a run that a failed test left: its guardian removes the rest.
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})

interface Running {
  readonly child: ChildProcess
  readonly out: string
  readonly output: () => string
}

async function start(environment: NodeJS.ProcessEnv = {}, folder?: string): Promise<Running> {
  const out = folder ?? (await mkdtemp(join(tmpdir(), 'holdfast-lifecycle-')))
  if (!folder) folders.push(out)
  const child = spawn(
    process.execPath,
    ['harness/cli/main.ts', 'run', 'worked-example', '--topology', 'single', '--out', out],
    {
      // The debug output contains the moments at which tests end a run.
      env: { ...process.env, DEBUG: 'holdfast', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, out, output: () => text }
}

async function waitForOutput({ output, child }: Running, what: string): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the run exited with ${code} before it printed "${what}": ${output().slice(-500)}`)
  })
  await Promise.race([
    eventually(`the run to print "${what}"`, () => output().includes(what), { timeoutMs: 120_000 }),
    ended,
  ])
}

/** The run's id, by whose label tests query Docker: other runs on this machine do not count. */
async function runOf({ out }: Running): Promise<string> {
  const [run] = await readdir(out)
  if (!run) throw new Error('the run has no folder')
  return run
}

function nothingLeft(run: string, withinMs: number): Promise<unknown> {
  return eventually(
    `run ${run} to leave nothing`,
    async () => {
      const left = (await findLeftovers()).filter((one) => one.run === run)
      if (left.length > 0) throw new Error(left.map(({ name }) => name).join(', '))
      return true
    },
    { timeoutMs: withinMs, intervalMs: 250 },
  )
}

/** Output of a run at the moments at which tests end it. */
const moments = ['booting', 'machines started', 'worked-example: begins']

test.for(moments)('a run killed with SIGKILL at "%s" leaves nothing', async (moment) => {
  const running = await start()
  await waitForOutput(running, moment)
  const run = await runOf(running)
  running.child.kill('SIGKILL')
  await once(running.child, 'exit')
  await nothingLeft(run, 60_000)
})

test.for(moments)('Ctrl-C at "%s" removes everything and exits with 130', async (moment) => {
  const running = await start()
  await waitForOutput(running, moment)
  const run = await runOf(running)
  running.child.kill('SIGINT')
  const [code] = await once(running.child, 'exit')
  expect(code, running.output()).toBe(130)
  await nothingLeft(run, 0)
})

test('two clusters run side by side', async () => {
  const both = await Promise.all([start(), start()])
  await Promise.all(both.map(({ child }) => once(child, 'exit')))
  for (const running of both) {
    const verdicts = judgeJournal(await readJournal(join(running.out, await runOf(running), 'journal.ndjson')))
    const harmless = ['pass', 'known', 'not-exercised', 'not-applicable']
    // Two clusters keep two cores busy: verdicts with measured host noise do not count.
    expect(verdicts.filter((one) => !harmless.includes(one.status) && !isHostNoise(one))).toEqual([])
    expect(running.child.exitCode, running.output()).toBe(verdicts.some(isHostNoise) ? 2 : 0)
  }
  for (const running of both) await nothingLeft(await runOf(running), 0)
})

test('a lost engine is a harness error: exit 2, the journal stays, and nothing is left once the engine is back', async () => {
  const { modem } = await engine()
  const { socketPath = '/var/run/docker.sock' } = modem as { socketPath?: string }
  let gate = await openGate(socketPath, 0)
  const running = await start({ DOCKER_HOST: `tcp://127.0.0.1:${gate.port}` })
  await waitForOutput(running, 'worked-example: begins')
  const run = await runOf(running)
  const ended = once(running.child, 'exit')
  await gate.close()
  // The guardian also reaches the engine only through the gate, and waits until the engine is back.
  const [code] = await Promise.race([ended, once(AbortSignal.timeout(120_000), 'abort').then(() => ['did not end'])])
  gate = await openGate(socketPath, gate.port)
  expect(code, running.output()).toBe(2)
  const journal = await readFile(join(running.out, run, 'journal.ndjson'), 'utf8')
  expect(journal).toContain('"kind":"rig"')
  await nothingLeft(run, 60_000)
  await gate.close()
})

test('a full disk ends the run with exit 2 and nothing is left', async () => {
  const out = await mkdtemp(join(tmpdir(), 'holdfast-full-'))
  await $`mount -t tmpfs -o size=200k holdfast ${out}`
  try {
    const running = await start({}, out)
    await waitForOutput(running, 'worked-example: begins')
    const run = await runOf(running)
    const [code] = await once(running.child, 'exit')
    expect(code, running.output()).toBe(2)
    expect(running.output()).toContain("can't be written")
    await nothingLeft(run, 0)
  } finally {
    await $`umount --lazy ${out}`
    await rm(out, { recursive: true })
  }
})

/** A proxy to the engine that a test can close, as if the engine had died. */
async function openGate(socketPath: string, port: number): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<{ destroy: () => void }>()
  const server: Server = createServer((client) => {
    const upstream = connect(socketPath)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
