import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { LineSplitter, readLines } from './lines.ts'

async function linesOf(chunks: readonly (string | Buffer)[], maxBytes?: number): Promise<string[]> {
  const lines: string[] = []
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)))
  await readLines(input, (line) => lines.push(line), maxBytes === undefined ? {} : { maxBytes })
  return lines
}

describe('readLines', () => {
  test('joins the chunks of a line, also within a character', async () => {
    const bytes = Buffer.from('café\ntwo\n')
    expect(await linesOf(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(['café', 'two'])
  })

  test('passes on empty lines and the separators that JSON allows within a string', async () => {
    const line = JSON.stringify('one\u2028two\u0085three\rfour')
    expect(await linesOf([`${line}\n\n`, 'last\n'])).toEqual([line, '', 'last'])
  })

  test('passes on a last line without a line feed when the stream ends', async () => {
    expect(await linesOf(['one\ntw', 'o'])).toEqual(['one', 'two'])
  })

  test('rejects a line that is too long, before its end', async () => {
    await expect(linesOf(['short\n', 'x'.repeat(11)], 10)).rejects.toThrow('longer than 10 bytes')
    expect(await linesOf(['x'.repeat(10), '\n', 'y'.repeat(10)], 10)).toHaveLength(2)
  })

  test('passes on no line after its reader has destroyed the stream', async () => {
    const lines: string[] = []
    const input = Readable.from([Buffer.from('one\ntwo\nthree')])
    const read = readLines(input, (line) => {
      lines.push(line)
      input.destroy(new Error('enough'))
    })
    await expect(read).rejects.toThrow('enough')
    expect(lines).toEqual(['one'])
  })

  test('a reader can also reject the last line, which has no line feed', async () => {
    const input = Readable.from([Buffer.from('half')])
    await expect(readLines(input, () => input.destroy(new Error('unreadable')))).rejects.toThrow('unreadable')
  })

  test('a destroyed stream without an error does not look complete', async () => {
    const input = new PassThrough()
    const read = readLines(input, () => undefined)
    input.write('half')
    input.destroy()
    await expect(read).rejects.toThrow('broke off')
  })

  test('a broken connection delivers no incomplete line', async () => {
    const server = createServer((_, response) => {
      response.write('whole\nhalf', () => setTimeout(() => response.destroy(), 20))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sent = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const lines: string[] = []
    await expect(readLines(response, (line) => lines.push(line))).rejects.toThrow()
    expect(lines).toEqual(['whole'])
    server.close()
  })
})

test('a splitter keeps the bytes of an incomplete line', () => {
  const splitter = new LineSplitter()
  expect(splitter.take(Buffer.from('one\ntw'))).toEqual(['one'])
  expect(splitter.rest.toString()).toBe('tw')
  expect(splitter.take(Buffer.from('o\n'))).toEqual(['two'])
  expect(splitter.rest).toHaveLength(0)
})
