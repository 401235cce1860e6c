import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../harness/common/eventually.ts'
import { command } from './command.mjs'
import { removeStalePids } from './daemon.mjs'
import { withLock } from './lock.mjs'
import { installedAsLocked, reasonIn } from './packages.mjs'
import { planOf } from './plan.mjs'

const bootstrap = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url))
const handOver = new URL('hand-over.mjs', import.meta.url).href

describe('planOf', () => {
  test.each<[string, string[], boolean]>([
    ['run kill-scheduler --yes', ['harness/cli/main.ts', 'run', 'kill-scheduler'], true],
    ['run --help', ['harness/cli/main.ts', 'run', '--help'], false],
    ['cli up', ['harness/cli/main.ts', 'up'], true],
    ['cli doctor --json', ['harness/cli/main.ts', 'doctor', '--json'], false],
    ['cli images build --yes', ['harness/cli/main.ts', 'images', 'build'], true],
    ['cli images import x.tar', ['harness/cli/main.ts', 'images', 'import', 'x.tar'], true],
    ['cli images ls', ['harness/cli/main.ts', 'images', 'ls'], false],
    ['cli images build --help', ['harness/cli/main.ts', 'images', 'build', '--help'], false],
    ['cli clean --all --yes', ['harness/cli/main.ts', 'clean', '--all', '--yes'], false],
    ['check', ['scripts/check.ts'], false],
    ['test -t lease', ['scripts/test.ts', '-t', 'lease'], true],
    ['bench boot', ['bench/main.ts', 'boot'], true],
  ])('%s', (words, args, engine) => expect(planOf(words.split(' '))).toMatchObject({ args, engine }))
  test('passes --yes to the set-up', () => expect(planOf(['run', '--yes']).yes).toBe(true))
  test.each([[[]], [['rnu']], [['toString']]])('refuses %j', (words) =>
    expect(() => planOf(words)).toThrow('Invalid bootstrap.mjs command'),
  )
})

describe('installedAsLocked', () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/b': { version: '1.0.0', optional: true },
  }
  function judged(hidden: Record<string, object> | undefined): boolean {
    using root = mkdtempDisposableSync(join(tmpdir(), 'holdfast-packages-'))
    writeFileSync(join(root.path, 'package-lock.json'), JSON.stringify({ packages: locked }))
    mkdirSync(join(root.path, 'node_modules/.bin'), { recursive: true })
    writeFileSync(join(root.path, 'node_modules/.bin/node'), '')
    if (hidden) writeFileSync(join(root.path, 'node_modules/.package-lock.json'), JSON.stringify({ packages: hidden }))
    return installedAsLocked(root.path)
  }
  const a = locked['node_modules/a']
  test('accepts missing optional packages', () => expect(judged({ 'node_modules/a': a })).toBe(true))
  test('refuses another version', () => expect(judged({ 'node_modules/a': { ...a, version: '1.0.1' } })).toBe(false))
  test('refuses other contents', () => expect(judged({ 'node_modules/a': { ...a, integrity: 'y' } })).toBe(false))
  test('refuses an additional package', () => expect(judged({ 'node_modules/a': a, 'node_modules/c': a })).toBe(false))
  test('refuses a missing package', () => expect(judged({})).toBe(false))
  test('refuses an interrupted install', () => expect(judged(undefined)).toBe(false))
})

test('extracts the reason from the output of npm', () => {
  const output =
    'npm warn old\nnpm error code E404\nnpm error\nnpm error 404 Not Found: a\nnpm error A complete log of this run'
  expect(reasonIn(output)).toBe('404 Not Found: a')
  expect(reasonIn('spawn npm ENOENT')).toBe('spawn npm ENOENT')
})

test('removes pid files of ended engines only', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-pids-'))
  const files = [join(folder.path, 'docker.pid'), join(folder.path, 'docker/containerd/containerd.pid')] as const
  mkdirSync(join(folder.path, 'docker/containerd'), { recursive: true })
  // This process lives, but is not dockerd: the system reused the pid.
  writeFileSync(files[0], String(process.pid))
  writeFileSync(files[1], '999999999')
  removeStalePids(folder.path)
  expect(files.map((file) => existsSync(file))).toEqual([false, false])
  removeStalePids(folder.path)
})

describe('withLock', () => {
  test('runs two holders one after the other', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-lock-'))
    // The owner of a lock is a process: this one holds it until its stdin closes.
    const script = `import { withLock } from '${new URL('lock.mjs', import.meta.url).href}'
      const options = { signal: AbortSignal.timeout(20000), onWait() {}, folder: process.argv[1] }
      await withLock('x', options, async () => { console.log('held'); for await (const _ of process.stdin); })`
    const other = spawn(process.execPath, ['--input-type=module', '-e', script, folder.path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => other.stdout.once('data', resolve))
    let waits = 0
    let done = false
    const mine = withLock(
      'x',
      { signal: AbortSignal.timeout(20_000), folder: folder.path, onWait: () => (waits += 1) },
      () => Promise.resolve((done = true)),
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect({ waits, done }).toEqual({ waits: 1, done: false })
    other.stdin.end()
    await mine
    expect(done).toBe(true)
  })
  test('takes over the lock of a dead owner', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-lock-'))
    const dead = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).stdout.trim()
    writeFileSync(join(folder.path, `holdfast-${process.getuid?.() ?? 0}-x.lock`), dead)
    const waits: number[] = []
    await withLock('x', { signal: AbortSignal.timeout(20_000), folder: folder.path, onWait: () => waits.push(1) }, () =>
      Promise.resolve(),
    )
    expect(waits.length).toBeLessThanOrEqual(1)
  })
})

describe('command', () => {
  test('returns the exit code and both streams', async () => {
    expect(await command('sh', ['-c', 'echo a; echo b >&2; exit 3'])).toMatchObject({
      code: 3,
      output: expect.stringMatching(/a[^]*b|b[^]*a/),
    })
  })
  test('returns code 127 for a missing command', async () =>
    expect((await command('holdfast-no-such', [])).code).toBe(127))
  test('ends when its signal aborts', async () => {
    await expect(command('sleep', ['30'], { signal: AbortSignal.timeout(50) })).rejects.toThrow()
  })
})

describe('handOver', () => {
  const parent = (script: string) => `import { handOver } from '${handOver}'
    process.exitCode = await handOver('sh', ['-c', ${JSON.stringify(script)}], { cwd: '/', env: process.env })`
  const run = (script: string) =>
    spawn(process.execPath, ['--input-type=module', '-e', parent(script)], { stdio: ['ignore', 'pipe', 'inherit'] })

  test.each([
    ['exit 3', 3],
    ['kill -TERM $$', 143],
  ])('%s', (script, code) =>
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', parent(script)]).status).toBe(code),
  )

  test('forwards two signals of one key press once, and a later one again', async () => {
    const child = run("trap 'echo got' INT; trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done")
    let output = ''
    child.stdout.on('data', (part) => (output += String(part)))
    const exit = new Promise((resolve) => child.once('exit', resolve))
    const until = (text: string) => eventually(JSON.stringify(text), () => output === text, { timeoutMs: 10_000 })
    await until('ready\n')
    child.kill('SIGINT')
    child.kill('SIGINT')
    await until('ready\ngot\n')
    await new Promise((resolve) => setTimeout(resolve, 400))
    child.kill('SIGINT')
    await until('ready\ngot\ngot\n')
    child.kill('SIGTERM')
    expect(await exit).toBe(9)
  })
})

test.each([
  ['ssh', { DOCKER_HOST: 'ssh://root@lab' }, 'HF_ENGINE_ADDRESS'],
  ['a context that does not exist', { DOCKER_HOST: '', DOCKER_CONTEXT: 'holdfast-no-such' }, 'HF_DOCKER_CONTEXT'],
])('refuses an invalid engine with exit code 64 and installs nothing: %s', (_, chosen, code) => {
  const env = { ...process.env, ...chosen }
  const { status, stdout, stderr } = spawnSync(process.execPath, [bootstrap, 'run'], { env, encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' })
  expect(stderr).toContain(`[${code}]`)
})

test('refuses a chosen engine that does not answer with exit code 2 and installs nothing', () => {
  const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere.sock' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [bootstrap, 'run'], { env, encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'The Docker engine at unix:///nowhere.sock (DOCKER_HOST) does not answer.\n  Start it, or choose another one.\n',
  })
})
