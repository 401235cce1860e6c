import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../harness/eventually.ts'
import { OwnEngine } from './crash/own-engine.ts'

/* Whose a run is, and whether it lives, is read from the engine: any home, user or CI job has to come to the same answer. */

const node = process.execPath
const main = 'harness/cli/main.ts'
const owner = 'suites/own/ownership/owner.ts'
const parts = ['container', 'network', 'volume'] as const

describe.skipIf(!OwnEngine.possible())('runs of others on one engine', () => {
  let engine: OwnEngine
  let home = ''
  const children: ChildProcess[] = []
  beforeAll(async () => {
    engine = await OwnEngine.startEmpty()
    await promisify(execFile)('sh', [
      '-c',
      'tar cf - -T /dev/null | docker --host "$1" import - empty',
      'sh',
      engine.host,
    ])
  })
  afterAll(async () => engine?.[Symbol.asyncDispose]())
  beforeEach(async () => (home = await mkdtemp(join(engine.folder, 'home-'))))
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await holdfast('clean', '--all', '--yes')
    await rm(home, { recursive: true })
  })

  /** A process that owns a container, a network and a volume, like a run's. */
  async function start(run: string, wrapper: readonly string[] = [], ...words: string[]): Promise<ChildProcess> {
    const [command = '', ...argv] = [...wrapper, node, owner, run, ...words]
    const child = spawn(command, argv, { env: engine.environment, stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
    expect(String(said)).toBe('owns\n')
    return child
  }

  /** The command line as another user's would run it. */
  async function holdfast(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(node, [main, ...words], {
      env: { ...engine.environment, HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    return { code, stdout, stderr }
  }

  async function kindsOf(run: string): Promise<string[]> {
    const kinds = await Promise.all(
      parts.map(async (kind) => {
        const words = kind === 'container' ? ['ps', '--all', '--quiet'] : [kind, 'ls', '--quiet']
        return (await engine.docker(...words, '--filter', `label=holdfast=${run}`)) === '' ? [] : [kind]
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

  test('a live run is left alone from another home; when its process is killed, it is removed', async () => {
    const child = await start('live')
    expect(await states()).toEqual({ live: 'alive' })
    expect((await holdfast('clean')).code).toBe(0)
    expect(await kindsOf('live')).toEqual([...parts])
    await kill(child)
    expect((await holdfast('clean')).code).toBe(0)
    expect(await kindsOf('live')).toEqual([])
  })

  test('a run of another pid namespace is left alone, also when it ended: its end can not be seen', async () => {
    const child = await start('ci', ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'])
    expect(await states()).toEqual({ ci: 'unknown' })
    await holdfast('clean')
    expect(await kindsOf('ci')).toEqual([...parts])
    await kill(child)
    await eventually('its namespace to end', async () => (await holdfast('clean')).code === 0, { withinMs: 60_000 })
    expect(await kindsOf('ci')).toEqual([...parts])
  })

  test('one without an owner is left alone', async () => {
    await engine.docker('volume', 'create', '--label', 'holdfast=old', 'old')
    expect(await states()).toEqual({ old: 'unknown' })
    await holdfast('clean')
    expect(await kindsOf('old')).toEqual(['volume'])
  })

  test('a kept cluster outlives its process, and another home removes it only by its name', async () => {
    const child = await start('kept', [], 'keep')
    await kill(child)
    expect(await states()).toEqual({ kept: 'kept' })
    await holdfast('clean')
    expect(await holdfast('down')).toMatchObject({ code: 64, stderr: expect.stringContaining('HF_NO_CLUSTER') })
    expect(await kindsOf('kept')).toEqual([...parts])
    expect((await holdfast('down', 'kept')).code).toBe(0)
    expect(await kindsOf('kept')).toEqual([])
  })

  test('a run that several processes made parts of is dead only when all of them are', async () => {
    const [first] = [await start('shared'), await start('shared')]
    await kill(first)
    expect(await states()).toEqual({ shared: 'alive' })
  })

  test('clean --all removes them after it was agreed to, and not without', async () => {
    await start('live')
    const refused = await holdfast('clean', '--all')
    expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('HF_NOT_AGREED') })
    expect(await kindsOf('live')).toEqual([...parts])
    expect((await holdfast('clean', '--all', '--yes')).code).toBe(0)
    expect(await kindsOf('live')).toEqual([])
  })
})
