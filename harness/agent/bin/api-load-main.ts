import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type ClientHttp2Session, connect } from 'node:http2'
import { readLines } from '../../common/lines.ts'
import type { LoadReport, LoadSettings } from '../rpc/api-load-protocol.ts'

/*
 * Loads one API server with requests of one kind, at a set rate and for a set time. Its input is one line with the
 * settings, so that no command line contains the token. It ends at its TTL or with its input, which ends with the agent
 * that started it.
 */

/** Fewer streams per connection than any API server allows: a request that waits here does not load the server. */
const streamsPerConnection = 50
const tickMs = 10
const reportMs = 50

const counts = { sent: 0, leftOut: 0, succeeded: 0, throttled: 0, otherwise: 0 }
let unanswered = 0

function load(settings: LoadSettings): void {
  const { perSecond, concurrency, report } = settings
  const connections: ClientHttp2Session[] = []
  const connection = (n: number): ClientHttp2Session => {
    const known = connections[n]
    if (known && !known.closed && !known.destroyed) return known
    const made = connect(settings.server, { ca: readFileSync(settings.authority) })
    made.on('error', () => undefined)
    connections[n] = made
    return made
  }
  const wanted = Math.ceil(concurrency / streamsPerConnection)
  const began = performance.now()
  let due = 0
  setInterval(() => {
    for (; due < ((performance.now() - began) * perSecond) / 1000; due++) {
      if (unanswered >= concurrency) counts.leftOut += 1
      else send(connection(due % wanted), settings)
    }
  }, tickMs)
  setInterval(() => {
    const current: LoadReport = { ...counts, unanswered }
    writeFileSync(`${report}.new`, JSON.stringify(current))
    renameSync(`${report}.new`, report)
  }, reportMs)
  setTimeout(() => process.exit(0), settings.ttlMs)
}

function send(session: ClientHttp2Session, { namespace, token, what }: LoadSettings): void {
  const path = `/api/v1/namespaces/${namespace}/${what === 'events' ? 'events' : 'configmaps'}`
  counts.sent += 1
  unanswered += 1
  const stream = session.request({
    ':method': what === 'events' ? 'POST' : 'GET',
    ':path': path,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'user-agent': 'holdfast-load',
  })
  let status = 0
  stream.on('response', (headers) => (status = Number(headers[':status'])))
  stream.on('error', () => undefined)
  stream.on('close', () => {
    unanswered -= 1
    if (status === 429) counts.throttled += 1
    else if (status >= 200 && status < 300) counts.succeeded += 1
    else counts.otherwise += 1
  })
  stream.resume()
  stream.end(what === 'events' ? JSON.stringify(event(namespace)) : undefined)
}

function event(namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: 'storm-', namespace },
    involvedObject: { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'load' },
    reason: 'Storm',
    message: `one of many, ${counts.sent} so far`,
    type: 'Normal',
  }
}

const leave = (): never => process.exit(0)
readLines(process.stdin, (line) => load(JSON.parse(line) as LoadSettings)).then(leave, leave)
