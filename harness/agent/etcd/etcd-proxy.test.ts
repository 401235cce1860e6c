import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  connect,
  createSecureServer,
} from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, consistently } from '../../common/eventually.ts'
import { Authority } from '../../cluster/pki.ts'
import { EtcdProxy } from './etcd-proxy.ts'

/*
 * Tests the proxy between a client and a server that speak HTTP/2 as gRPC does, with certificates of one authority. Tests
 * on a cluster cover a real API server and a real etcd.
 */

const watchCall = '/etcdserverpb.Watch/Watch'
let proxy: EtcdProxy
let url: string
let client: ClientHttp2Session
let watching: ServerHttp2Stream | undefined
let end: () => Promise<void>

beforeEach(async () => {
  const authority = await Authority.create('test')
  const [server, user, shown] = await Promise.all([
    authority.issue({ commonName: 'server', names: ['127.0.0.1'] }),
    authority.issue({ commonName: 'user' }),
    authority.issue({ commonName: 'proxy', names: ['127.0.0.1'] }),
  ])
  const ca = authority.certificate
  const etcd = createSecureServer({ cert: server.certificate, key: server.key, ca, requestCert: true })
  watching = undefined
  etcd.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    if (headers[':path'] === '/refused') {
      return stream.respond({ ':status': 200, 'grpc-status': '7' }, { endStream: true })
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    if (headers[':path'] === watchCall) {
      watching = stream
      stream.resume()
    } else {
      stream.pipe(stream)
    }
  })
  etcd.listen(0, '127.0.0.1')
  await once(etcd, 'listening')
  const portOf = (address: ReturnType<typeof etcd.address>): number =>
    typeof address === 'object' ? (address?.port ?? 0) : 0
  proxy = new EtcdProxy({
    certificate: shown.certificate,
    key: shown.key,
    clientCertificate: user.certificate,
    clientKey: user.key,
    authority: ca,
  })
  const port = await proxy.listen(`https://127.0.0.1:${portOf(etcd.address())}`)
  url = `https://127.0.0.1:${port}`
  client = connect(url, { cert: user.certificate, key: user.key, ca })
  client.on('error', () => undefined)
  end = async () => {
    client.destroy()
    await proxy.close()
    etcd.close()
  }
})
afterEach(() => end())

function call(path: string): ClientHttp2Stream {
  const stream = client.request({ ':method': 'POST', ':path': path, te: 'trailers' }, { endStream: false })
  stream.on('error', () => undefined)
  return stream
}

async function echo(text: Buffer): Promise<{ body: Buffer; trailers: IncomingHttpHeaders }> {
  const stream = call('/etcdserverpb.KV/Range')
  const trailers = once(stream, 'trailers')
  stream.end(text)
  const body = await buffer(stream)
  return { body, trailers: (await trailers)[0] as IncomingHttpHeaders }
}

async function watch(): Promise<{ seen: () => string }> {
  const stream = call(watchCall)
  let seen = ''
  stream.setEncoding('utf8').on('data', (text: string) => (seen += text))
  stream.write('create')
  await eventually('the watch to arrive', () => watching !== undefined, { timeoutMs: 5_000 })
  return { seen: () => seen }
}

test('calls pass with their bodies, headers and trailers, however large', async () => {
  const large = Buffer.alloc(3_000_000, 'abc')
  const { body, trailers } = await echo(large)
  expect(body.equals(large)).toBe(true)
  expect(trailers['grpc-status']).toBe('0')
  const [headers] = (await once(call('/refused'), 'response')) as [IncomingHttpHeaders]
  expect(headers['grpc-status']).toBe('7')
})

test('while frozen it holds back watch responses and passes all else; after the thaw they arrive in order', async () => {
  const { seen } = await watch()
  watching?.write('one ')
  await eventually('the first event', () => seen() === 'one ', { timeoutMs: 5_000 })
  proxy.freeze()
  for (const word of ['two ', 'three ', 'four']) watching?.write(word)
  await eventually('events to be held', () => proxy.counters().heldBytes === 14, { timeoutMs: 5_000 })
  await consistently('the watch to receive nothing', () => seen() === 'one ', { forMs: 200 })
  expect((await echo(Buffer.from('still'))).body.toString()).toBe('still')
  expect(proxy.counters()).toMatchObject({ watches: 1, connections: 1 })
  proxy.thaw()
  await eventually('all events', () => seen() === 'one two three four', { timeoutMs: 5_000 })
  expect(proxy.counters()).toMatchObject({ held: 0, heldBytes: 0 })
})

test('a watch that begins while it is frozen receives nothing either', async () => {
  proxy.freeze()
  const { seen } = await watch()
  watching?.write('one')
  await eventually('events to be held', () => proxy.counters().heldBytes === 3, { timeoutMs: 5_000 })
  expect(seen()).toBe('')
  proxy.thaw()
  await eventually('all events', () => seen() === 'one', { timeoutMs: 5_000 })
})

test('it releases what it holds before it closes', async () => {
  const { seen } = await watch()
  proxy.freeze()
  watching?.write('last')
  await eventually('events to be held', () => proxy.counters().heldBytes === 4, { timeoutMs: 5_000 })
  await proxy.close()
  expect(seen()).toBe('last')
})

test('a client without a certificate of the authority is refused', async () => {
  const foreign = connect(url, { rejectUnauthorized: false })
  foreign.on('error', () => undefined)
  foreign.request({ ':method': 'POST', ':path': watchCall }).on('error', () => undefined)
  await eventually('the connection to be cut', () => foreign.destroyed, { timeoutMs: 5_000 })
  expect(proxy.counters().calls).toBe(0)
})
