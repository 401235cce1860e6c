import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { fromBase64 } from '../../common/base64.ts'
import { http } from '../rpc/http.ts'
import { watchMessageOf } from './etcd-answers.ts'
import { EtcdError, etcdRequest, keysWith } from './etcd-client.ts'

/** A gateway that answers every request with the same bytes. Returns what it received. */
async function answered(status: number, body: string, request: object | undefined) {
  const received: { method?: string | undefined; url?: string | undefined; body: string }[] = []
  const server = createServer((incoming, response) => {
    const { method, url } = incoming
    void text(incoming).then((content) => {
      received.push({ method, url, body: content })
      response.writeHead(status).end(body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const member = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answer = etcdRequest(http, '/v3/kv/range', request, { timeoutMs: 5_000, member })
  const [result] = await Promise.allSettled([answer])
  server.close()
  return { result, received }
}

test('a request with a body is a POST, one without is a GET', async () => {
  const keys = keysWith('/shop/')
  const { result, received } = await answered(200, '{"count":"2"}', keys)
  expect(result).toMatchObject({ value: { count: '2' } })
  expect(received).toEqual([{ method: 'POST', url: '/v3/kv/range', body: JSON.stringify(keys) }])
  expect((await answered(200, '{}', undefined)).received).toEqual([{ method: 'GET', url: '/v3/kv/range', body: '' }])
})

test("a member's error has its status and text", async () => {
  const { result } = await answered(503, '{"error":"no leader"}\n', {})
  expect(result).toMatchObject({ reason: expect.any(EtcdError) as EtcdError })
  expect(result).toMatchObject({ reason: { message: '503 {"error":"no leader"}' } })
})

test('an answer that is not JSON is an error', async () => {
  expect((await answered(200, 'upstream connect error', {})).result).toMatchObject({ reason: { code: 'HF_NO_JSON' } })
})

test('the keys with a prefix end before the next prefix', () => {
  const { key, range_end } = keysWith('/registry/')
  expect([fromBase64(key), fromBase64(range_end)]).toEqual(['/registry/', '/registry0'])
})

test('zero values, which the gateway omits, are read as zero', () => {
  const line = '{"result":{"header":{"revision":"7"},"events":[{"kv":{"key":"YQ==","mod_revision":"7"}}]}}'
  const { result } = watchMessageOf(line)
  expect(result).toMatchObject({ created: false, canceled: false, compact_revision: 0 })
  expect(result?.events).toEqual([{ type: 'PUT', kv: { key: 'YQ==', value: '', mod_revision: 7, create_revision: 0 } }])
})

test.each([
  '{"result":{"events":[{"kv":{"key":"YQ=="}',
  '{"result":{"events":[{"type":"NEW","kv":{}}]}}',
  'Bad Gateway',
])('the line %s of a watch is an error', (line) =>
  expect(() => watchMessageOf(line)).toThrow(`a line of ${line.length} characters`),
)

test('an error in a watch has the words of the member', () => {
  expect(() => watchMessageOf('{"error":{"message":"leader lost"}}')).toThrow('leader lost')
})
