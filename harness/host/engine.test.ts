import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ask, endpoints, findEngine } from './engine.mjs'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-engine-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('DOCKER_HOST is the only choice', () => {
  expect(endpoints({ DOCKER_HOST: 'tcp://a:1' }, folder())).toEqual([{ host: 'tcp://a:1', from: 'DOCKER_HOST' }])
})

test("a context is read from the user's configuration", () => {
  const home = folder()
  const meta = join(home, '.docker/contexts/meta', createHash('sha256').update('lab').digest('hex'))
  mkdirSync(meta, { recursive: true })
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'lab' }))
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: 'unix:///lab.sock' } } }))
  expect(endpoints({}, home)).toEqual([{ host: 'unix:///lab.sock', from: 'context lab' }])
  expect(endpoints({ DOCKER_CONTEXT: 'default' }, home)[0]).toEqual({
    host: 'unix:///var/run/docker.sock',
    from: 'default',
  })
})

test('an engine is found by its answer, over a socket and over TCP', async () => {
  const path = join(folder(), 'engine.sock')
  const server = createServer((_, response) => response.end('OK'))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  try {
    expect(await ask(`unix://${path}`, '/_ping')).toBe('OK')
    expect(await findEngine({ DOCKER_HOST: `unix://${path}` })).toEqual({ host: `unix://${path}`, from: 'DOCKER_HOST' })
  } finally {
    server.close()
  }
  expect(await findEngine({ DOCKER_HOST: `unix://${path}` })).toBeUndefined()
  expect(await findEngine({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).toBeUndefined()
  expect(await findEngine({ DOCKER_HOST: 'ssh://nobody' })).toBeUndefined()
})

test('an engine that hangs is given up', async () => {
  const path = join(folder(), 'engine.sock')
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(path, resolve))
  await expect(ask(`unix://${path}`, '/_ping', 50)).rejects.toThrow('no answer in 50 ms')
  server.closeAllConnections()
  server.close()
})
