import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Every command that uses an engine; `tail`, `list`, `faults`, `check` and `report` use none. */
const commands: readonly (readonly string[])[] = [
  ['doctor'],
  ['run', 'worked-example'],
  ['up'],
  ['down'],
  ['clean', '--dry-run'],
  ['inject', 'pause', '--target', 'etcd@leader', '--for', '1s'],
  ['images', 'ls'],
  ['images', 'build'],
  ['images', 'export', 'x.tar'],
]

/** The answers of a minimal engine: enough for these commands to continue, and to end without Holdfast's containers. */
const answers: Readonly<Record<string, unknown>> = {
  '/version': { Version: '28', ApiVersion: '1.50', Os: 'windows', Arch: 'amd64' },
  '/info': { OperatingSystem: 'fake', Runtimes: {}, OSType: 'linux', MemTotal: 1, NCPU: 1 },
  '/containers/json': [],
  '/networks': [],
  '/volumes': { Volumes: [] },
}

function engine(requests: string[]): (request: IncomingMessage, response: ServerResponse) => void {
  return ({ url = '' }, response) => {
    const path = url.replace(/^\/v1\.\d+/, '').replace(/\?.*/, '')
    requests.push(path)
    if (path === '/_ping') return void response.end('OK')
    response.setHeader('content-type', 'application/json')
    response.statusCode = path in answers ? 200 : 404
    response.end(JSON.stringify(answers[path] ?? { message: 'no such object' }))
  }
}

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

async function holdfast(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>])
  return { code, stderr }
}

function addContext(home: string, name: string, host: string, current: boolean): void {
  const meta = join(home, '.docker/contexts/meta', createHash('sha256').update(name).digest('hex'))
  mkdirSync(meta, { recursive: true })
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: host } } }))
  if (current) writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }))
}

describe.each(['DOCKER_CONTEXT', 'currentContext'])('the engine of %s', (setting) => {
  test.each(commands.map((args) => ({ args })))('is the one that $args uses', async ({ args }) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-commands-'))
    const requests: string[] = []
    const server = createServer(engine(requests))
    const socket = join(folder.path, 'engine.sock')
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    try {
      addContext(folder.path, 'alt', `unix://${socket}`, setting === 'currentContext')
      const env = setting === 'DOCKER_CONTEXT' ? { DOCKER_CONTEXT: 'alt' } : {}
      const { stderr } = await holdfast(args, env, folder.path)
      expect(requests, stderr).toContain('/_ping')
      expect(requests.length, stderr).toBeGreaterThan(1)
      expect(stderr).not.toContain('HF_NO_ENGINE')
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

const others = commands.filter(([command]) => command !== 'doctor')
test.each([
  ...others.map((args) => ({ args, env: { DOCKER_CONTEXT: 'no' }, code: 'HF_DOCKER_CONTEXT' })),
  { args: ['down'], env: { DOCKER_HOST: 'ssh://root@lab' }, code: 'HF_ENGINE_ADDRESS' },
])('$args with $env is refused with exit code 64', async ({ args, env, code }) => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-commands-'))
  const ended = await holdfast(args, env, folder.path)
  expect(ended).toEqual({ code: 64, stderr: expect.stringContaining(`[${code}]`) })
})
