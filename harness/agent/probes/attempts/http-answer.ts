import type { Outcome } from './attempt.ts'

export const requests = {
  hostname: 'GET /hostname HTTP/1.0\r\n\r\n',
  livez: 'GET /livez HTTP/1.0\r\n\r\n',
  /** Over a kept connection: answers arrive in the order of the requests. */
  hostnameAgain: 'GET /hostname HTTP/1.1\r\nHost: holdfast\r\n\r\n',
} as const

/** Parses the whole answer of a connection that the server closed after it. */
export function httpOutcome(text: string): Outcome {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  if (/^HTTP\/1\.\d 200 /.test(head)) return { backend: body.trim() }
  if (text === '') return { error: 'closed without an answer', errorClass: 'closed' }
  return { error: head.split('\r\n', 1)[0] ?? '', errorClass: 'wrong-answer' }
}

/** Parses the first whole answer of a kept connection, and returns the rest with it; undefined while it is incomplete. */
export function firstAnswer(text: string): { readonly outcome: Outcome; readonly rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = text.slice(0, end)
  const bodyAt = end + 4
  const bodyEnd = /\r\ntransfer-encoding: *chunked/i.test(head) ? chunksEnd(text, bodyAt) : bodyAt + lengthIn(head)
  if (bodyEnd === undefined || text.length < bodyEnd) return undefined
  return { outcome: httpOutcome(text.slice(0, bodyEnd)), rest: text.slice(bodyEnd) }
}

function lengthIn(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
}

/** Returns the end of the last, empty chunk. Good answers of the probed servers are never chunked; those of others may be. */
function chunksEnd(text: string, from: number): number | undefined {
  const last = /(?:^|\r\n)0\r\n\r\n/.exec(text.slice(from))
  return last ? from + last.index + last[0].length : undefined
}
