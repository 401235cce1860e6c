import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Connection } from './connection.ts'

function wired(): { out: PassThrough; connection: Connection } {
  const out = new PassThrough()
  return { out, connection: new Connection('worker1', out, new PassThrough(), () => undefined) }
}

test('each answer reaches its request, in any order', async () => {
  const { out, connection } = wired()
  const [first, second] = [connection.call('hello', {}), connection.call('hello', {})]
  out.write('{"id":2,"result":{"at":2,"pid":2}}\n{"id":1,"result":{"at":1,"pid":1}}\n')
  expect(await first).toEqual({ at: 1, pid: 1 })
  expect(await second).toEqual({ at: 2, pid: 2 })
})

test('text that is not an answer ends the stream, and becomes the error of the call', async () => {
  const { out, connection } = wired()
  const response = connection.call('hello', {})
  out.write('OCI runtime exec failed: container is not running\n')
  await expect(response).rejects.toThrow('OCI runtime exec failed')
  expect(connection.open).toBe(false)
  await expect(connection.call('hello', {})).rejects.toThrow('OCI runtime exec failed')
})

test('a stream that ends fails its pending calls', async () => {
  const { out, connection } = wired()
  const response = connection.call('hello', {})
  out.end()
  await expect(response).rejects.toThrow('closed')
})

test('a closed connection is released although the other end stays open, and earlier requests arrive', async () => {
  const to = new PassThrough()
  const connection = new Connection('worker1', new PassThrough(), to, () => undefined)
  const response = connection.call('hello', {})
  const sent = to.read() as Buffer
  connection.close()
  await expect(response).rejects.toThrow('closed')
  await expect.poll(() => to.destroyed).toBe(true)
  expect(String(sent)).toBe('{"id":1,"method":"hello","params":{}}\n')
})

test('a silent agent does not block its caller: the error names machine, call and time limit', async () => {
  const { connection } = wired()
  await expect(connection.call('residue', {}, { timeoutMs: 20 })).rejects.toMatchObject({
    code: 'HF_AGENT_SILENT',
    message: expect.stringMatching(/worker1.*residue.*20 ms/) as string,
  })
  expect(connection.open).toBe(true)
})

test('a late answer is dropped, and the next call gets its own', async () => {
  const { out, connection } = wired()
  await expect(connection.call('hello', {}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'HF_AGENT_SILENT' })
  const next = connection.call('hello', {})
  out.write('{"id":1,"result":{"at":1,"pid":1}}\n{"id":2,"result":{"at":2,"pid":2}}\n')
  expect(await next).toEqual({ at: 2, pid: 2 })
})

test('a caller can end its wait, also a call without a deadline', async () => {
  const { connection } = wired()
  const stop = new AbortController()
  const watching = { id: 'w', prefix: '/', since: 1, lastKey: '' }
  const call = connection.call('watchEtcd', watching, { signal: stop.signal })
  stop.abort(new Error('interrupted'))
  await expect(call).rejects.toThrow('interrupted')
  await expect(connection.call('hello', {}, { signal: stop.signal })).rejects.toThrow('interrupted')
})

test('an answer may contain every separator of Unicode', async () => {
  const { out, connection } = wired()
  const call = connection.call('commandLine', { component: 'etcd' })
  const result = 'one\u2028two'
  out.write(`${JSON.stringify({ id: 1, result })}\n`)
  expect(await call).toBe(result)
})
