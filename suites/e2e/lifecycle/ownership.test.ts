import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { $ } from '../../../harness/host/shell.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { OwnEngine } from './crash/own-engine.ts'

/* A run's owner and state come from the engine alone: every home, user and CI job reads the same. */

const node = process.execPath
const main = 'harness/cli/main.ts'
const owner = 'suites/e2e/lifecycle/ownership/owner.ts'
const parts = ['container', 'network', 'volume'] as const

describe.skipIf(!OwnEngine.possible())('several owners on one engine', () => {
  let engine: OwnEngine
  let home = ''
  const children: ChildProcess[] = []
  beforeAll(async () => {
    engine = await OwnEngine.startEmpty()
    await $`tar cf - -T /dev/null | docker --host ${engine.host} import - empty`
  })
  afterAll(async () => engine?.[Symbol.asyncDispose]())
  beforeEach(async () => (home = await mkdtemp(join(engine.folder, 'home-'))))
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await holdfast('clean', '--all', '--yes')
    await rm(home, { recursive: true })
  })

  /** Starts a process that owns a container, a network and a volume, as a run does. */
  async function start(run: string, wrapper: readonly string[] = [], ...args: string[]): Promise<ChildProcess> {
    const [command = '', ...argv] = [...wrapper, node, owner, run, ...args]
    const child = spawn(command, argv, { env: engine.environment, stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    const [output] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
    expect(String(output)).toBe('owns\n')
    return child
  }

  /** Runs the command line with another home. */
  async function holdfast(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const env = { ...engine.environment, HOME: home }
    const { exitCode, stdout, stderr } = await $({ env, nothrow: true })`${node} ${main} ${args}`
    return { code: exitCode, stdout, stderr }
  }

  async function kindsOf(run: string): Promise<string[]> {
    const kinds = await Promise.all(
      parts.map(async (kind) => {
        const args = kind === 'container' ? ['ps', '--all', '--quiet'] : [kind, 'ls', '--quiet']
        return (await engine.docker(...args, '--filter', `label=holdfast=${run}`)) === '' ? [] : [kind]
      }),
    )
    return kinds.flat()
  }

  async function states(): Promise<Record<string, string>> {
    const { stdout } = await holdfast('clean', '--dry-run', '--json')
    const { runs } = JSON.parse(stdout) as { runs: { run: string; state: string }[] }
    return Object.fromEntries(runs.map(({ run, state }) => [run, state]))
  }

  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  test('clean from another home keeps a live run and removes it once its process is killed', async () => {
    const child = await start('live')
    expect(await states()).toEqual({ live: 'alive' })
    expect((await holdfast('clean')).code).toBe(0)
    expect(await kindsOf('live')).toEqual([...parts])
    await kill(child)
    expect((await holdfast('clean')).code).toBe(0)
    expect(await kindsOf('live')).toEqual([])
  })

  test('clean keeps a run of another pid namespace, even when it has ended: its end is not visible', async () => {
    const child = await start('ci', ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'])
    expect(await states()).toEqual({ ci: 'unknown' })
    await holdfast('clean')
    expect(await kindsOf('ci')).toEqual([...parts])
    await kill(child)
    await eventually('clean after the end of its namespace', async () => (await holdfast('clean')).code === 0, {
      timeoutMs: 60_000,
    })
    expect(await kindsOf('ci')).toEqual([...parts])
  })

  test('clean keeps a run without an owner', async () => {
    await engine.docker('volume', 'create', '--label', 'holdfast=old', 'old')
    expect(await states()).toEqual({ old: 'unknown' })
    await holdfast('clean')
    expect(await kindsOf('old')).toEqual(['volume'])
  })

  test('a kept cluster outlives its process, and another home removes it only by name', async () => {
    const child = await start('kept', [], 'keep')
    await kill(child)
    expect(await states()).toEqual({ kept: 'kept' })
    await holdfast('clean')
    expect(await holdfast('down')).toMatchObject({ code: 64, stderr: expect.stringContaining('HF_NO_CLUSTER') })
    expect(await kindsOf('kept')).toEqual([...parts])
    expect((await holdfast('down', 'kept')).code).toBe(0)
    expect(await kindsOf('kept')).toEqual([])
  })

  test('a run of several processes is dead only when all of them are', async () => {
    const [first] = [await start('shared'), await start('shared')]
    await kill(first)
    expect(await states()).toEqual({ shared: 'alive' })
  })

  test('clean --all removes runs only after confirmation', async () => {
    await start('live')
    const refused = await holdfast('clean', '--all')
    expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('HF_NOT_AGREED') })
    expect(await kindsOf('live')).toEqual([...parts])
    expect((await holdfast('clean', '--all', '--yes')).code).toBe(0)
    expect(await kindsOf('live')).toEqual([])
  })
})
