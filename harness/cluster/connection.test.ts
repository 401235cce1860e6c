import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Connection } from './connection.ts'

function wired(): { out: PassThrough; connection: Connection } {
  const out = new PassThrough()
  return { out, connection: new Connection(out, new PassThrough(), () => undefined) }
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
  const connection = new Connection(new PassThrough(), to, () => undefined)
  const asked = connection.call('hello', {})
  const said = to.read() as Buffer
  connection.close()
  await expect(asked).rejects.toThrow('closed')
  await expect.poll(() => to.destroyed).toBe(true)
  expect(String(said)).toBe('{"id":1,"method":"hello","params":{}}\n')
})
