import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import { answerText } from './api-answer.ts'
import { serving, text } from './testing/serving.ts'
import { isGone, watchEvents } from './watch.ts'

const added = (name: string): string => `${JSON.stringify({ type: 'ADDED', object: { metadata: { name } } })}\n`

/** Watches a server until the watch ends. Returns its error, if any, and the names of the objects that it reported. */
async function watched(
  answer: (response: ServerResponse) => void,
  { idleMs = 5_000, signal = new AbortController().signal, onName = (_: string): void => undefined } = {},
) {
  await using one = await serving(answer)
  const names: (string | undefined)[] = []
  const watch = watchEvents(
    one.server,
    '/api/v1/pods',
    { resourceVersion: 7 },
    { idleMs, signal },
    (_, { metadata }) => {
      names.push(metadata?.name)
      onName(metadata?.name ?? '')
    },
  )
  const [result] = await Promise.allSettled([watch])
  await eventually('the request to end', () => one.open.size === 0, { withinMs: 5_000 })
  return { names, error: result.status === 'rejected' ? (result.reason as Error) : undefined }
}

const withBody =
  (...parts: string[]) =>
  (response: ServerResponse) =>
    void response.writeHead(200).end(parts.join(''))

test('a watch that the server ends regularly has no error', async () => {
  expect(await watched(withBody(added('a'), added('b')))).toEqual({ names: ['a', 'b'], error: undefined })
})

test.each(['{"type":"ADDED","object":{"metadata"', 'Too many requests\n', '{"type":"ADDED"}\n', 'null\n', '\n'])(
  'the line %j is an error, and no later event is reported',
  async (line) => {
    const { names, error } = await watched(withBody(added('a'), line, line.endsWith('\n') ? added('b') : ''))
    expect(names).toEqual(['a'])
    expect(error?.message).toBe(`a line of ${line.trimEnd().length} characters is no event`)
  },
)

test('an event of an error is an error with its code', async () => {
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } }
  const { error } = await watched(withBody(added('a'), JSON.stringify(gone)))
  expect(error).toMatchObject({ code: 410, message: 'too old resource version' })
  expect(isGone(error)).toBe(true)
})

test('the error of a refused watch contains status and text', async () => {
  const { error } = await watched(text(429, 'Too many requests, please try again later.\n'))
  expect(error).toMatchObject({ code: 429, message: '429: Too many requests, please try again later.' })
  expect(isGone((await watched(text(410, 'gone'))).error)).toBe(true)
})

test('a connection that breaks is an error, and delivers no half event', async () => {
  const { names, error } = await watched((response) => {
    response.writeHead(200).write(added('a') + '{"type"', () => setTimeout(() => response.destroy(), 20))
  })
  expect(names).toEqual(['a'])
  expect(error).toBeDefined()
})

test('a silent watch is an error with the start of the silence', async () => {
  const began = now()
  const { error } = await watched((response) => void response.writeHead(200).write(added('a')), { idleMs: 200 })
  const { since } = error as unknown as { since: number }
  expect(since).toBeGreaterThanOrEqual(began)
  expect(now() - since).toBeGreaterThanOrEqual(200)
  expect((await watched(() => undefined, { idleMs: 200 })).error).toHaveProperty('since')
})

test('a caller ends the watch without an error', async () => {
  const stop = new AbortController()
  const found = await watched((response) => void response.writeHead(200).write(added('a')), {
    signal: stop.signal,
    onName: () => stop.abort(),
  })
  expect(found).toEqual({ names: ['a'], error: undefined })
})

test('an error of the listener ends the watch', async () => {
  const { error } = await watched(withBody(added('a'), added('b')), {
    onName: () => {
      throw new Error('the disk is full')
    },
  })
  expect(error?.message).toBe('the disk is full')
})

test('the text of an answer is the message of its Status, or its beginning', () => {
  expect(answerText({ status: 404, body: '404 page not found\n' })).toBe('404: 404 page not found')
  expect(answerText({ status: 404, body: '{"kind":"Status","message":"pods \\"a\\" not found"}' })).toBe(
    '404: pods "a" not found',
  )
  expect(answerText({ status: 503, body: '' })).toBe('503')
})
