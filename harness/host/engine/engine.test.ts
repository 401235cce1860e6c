import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { engineRequest, searchEngine } from './engine.mjs'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-engine-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('a search finds an engine that answers, and lists the errors of those that do not', async () => {
  const path = join(folder(), 'engine.sock')
  const host = `unix://${path}`
  const server = createServer((_, response) => response.end('OK'))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  try {
    expect(await engineRequest({ host }, '/_ping')).toBe('OK')
    expect(await searchEngine({ DOCKER_HOST: host })).toEqual({ endpoint: { host, from: 'DOCKER_HOST' } })
  } finally {
    server.close()
  }
  const gone = await searchEngine({ DOCKER_HOST: host })
  expect(gone).toMatchObject({ endpoint: undefined, tried: [{ endpoint: { host }, error: { code: 'ENOENT' } }] })
  expect(await searchEngine({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).toMatchObject({
    tried: [{ error: { code: 'ECONNREFUSED' } }],
  })
})

test('a request to an engine that hangs times out', async () => {
  const path = join(folder(), 'engine.sock')
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(path, resolve))
  await expect(engineRequest({ host: `unix://${path}` }, '/_ping', 50)).rejects.toThrow('no answer in 50 ms')
  server.closeAllConnections()
  server.close()
})
