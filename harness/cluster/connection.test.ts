import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Connection } from './connection.ts'

function wired(): { out: PassThrough; connection: Connection } {
  const out = new PassThrough()
  return { out, connection: new Connection('worker1', out, new PassThrough(), () => undefined) }
}

test('each answer finds its question, in whatever order they come', async () => {
  const { out, connection } = wired()
  const [first, second] = [connection.call('hello', {}), connection.call('hello', {})]
  out.write('{"id":2,"result":{"at":2,"pid":2}}\n{"id":1,"result":{"at":1,"pid":1}}\n')
  expect(await first).toEqual({ at: 1, pid: 1 })
  expect(await second).toEqual({ at: 2, pid: 2 })
})

test('words that are not an answer end the stream, and are what the caller is told', async () => {
  const { out, connection } = wired()
  const asked = connection.call('hello', {})
  out.write('OCI runtime exec failed: container is not running\n')
  await expect(asked).rejects.toThrow('OCI runtime exec failed')
  expect(connection.open).toBe(false)
  await expect(connection.call('hello', {})).rejects.toThrow('OCI runtime exec failed')
})

test('a stream that ends fails what was asked', async () => {
  const { out, connection } = wired()
  const asked = connection.call('hello', {})
  out.end()
  await expect(asked).rejects.toThrow('closed')
})

test('what was closed is let go of though the other end stays open, and all that was said before arrives', async () => {
  const to = new PassThrough()
  const connection = new Connection('worker1', new PassThrough(), to, () => undefined)
  const asked = connection.call('hello', {})
  const said = to.read() as Buffer
  connection.close()
  await expect(asked).rejects.toThrow('closed')
  await expect.poll(() => to.destroyed).toBe(true)
  expect(String(said)).toBe('{"id":1,"method":"hello","params":{}}\n')
})

test('an agent that is silent does not hold its caller: the error tells whom, what and for how long', async () => {
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

test('a caller can end its wait, also one that has no end of its own', async () => {
  const { connection } = wired()
  const stop = new AbortController()
  const watching = { id: 'w', prefix: '/', rangeEnd: '0', since: 1, lastKey: '' }
  const call = connection.call('watchEtcd', watching, { signal: stop.signal })
  stop.abort(new Error('interrupted'))
  await expect(call).rejects.toThrow('interrupted')
  await expect(connection.call('hello', {}, { signal: stop.signal })).rejects.toThrow('interrupted')
})
