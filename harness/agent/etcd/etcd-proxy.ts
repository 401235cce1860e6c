import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  connect,
  constants,
  createSecureServer,
} from 'node:http2'
import { Gate } from '../rpc/gate.ts'

export interface ProxyIdentity {
  /** PEM: certificate that the proxy shows to an API server, valid for etcd's addresses. */
  readonly certificate: string
  readonly key: string
  /** PEM: certificate that it shows to etcd, as an API server would. */
  readonly clientCertificate: string
  readonly clientKey: string
  /** PEM: authority that has to have signed the other end's certificate, on both sides. */
  readonly authority: string
}

export interface ProxyCounters {
  /** Open connections from the API server. */
  readonly connections: number
  /** Calls passed on so far, of every kind. */
  readonly calls: number
  /** Open watch streams. */
  readonly watches: number
  /** Parts of watch responses that wait for the thaw. */
  readonly held: number
  readonly heldBytes: number
}

const watchCall = '/etcdserverpb.Watch/Watch'
/** How long connections have to end by themselves at the close: calls have answers by then, watches never end. */
const goodbyeMs = 500

/**
 * Passes on every gRPC call between an API server and etcd (HTTP/2 streams, headers, trailers, resets), over one connection
 * to etcd for each of the API server's. While frozen it holds back watch responses in order until the thaw; requests and
 * all other responses pass.
 */
export class EtcdProxy {
  readonly #identity: ProxyIdentity
  readonly #servers: Http2SecureServer[] = []
  readonly #pairs = new Map<ServerHttp2Session, ClientHttp2Session>()
  readonly #gates = new Set<Gate>()
  #frozen = false
  #calls = 0

  constructor(identity: ProxyIdentity) {
    this.#identity = identity
  }

  /** Returns the port on the loopback that stands for `member` (an etcd client URL). */
  async listen(member: string): Promise<number> {
    const { certificate, key, authority } = this.#identity
    const server = createSecureServer({ cert: certificate, key, ca: authority, requestCert: true })
    server.on('session', (session) => this.#pair(session, member))
    server.on('stream', (stream, headers) => this.#pass(stream, headers))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#servers.push(server)
    const listening = server.address()
    if (listening === null || typeof listening === 'string') throw new Error('the proxy has no port')
    return listening.port
  }

  freeze(): void {
    this.#frozen = true
    for (const gate of this.#gates) gate.close()
  }

  thaw(): void {
    this.#frozen = false
    for (const gate of this.#gates) gate.open()
  }

  counters(): ProxyCounters {
    const gates = [...this.#gates]
    return {
      connections: this.#pairs.size,
      calls: this.#calls,
      watches: gates.length,
      held: gates.reduce((sum, { held }) => sum + held, 0),
      heldBytes: gates.reduce((sum, { heldBytes }) => sum + heldBytes, 0),
    }
  }

  /** Sends GOAWAY first, so that no client starts a call on a connection that is about to be cut. */
  async close(): Promise<void> {
    this.thaw()
    for (const server of this.#servers) server.close()
    for (const session of this.#pairs.keys()) session.close()
    const until = performance.now() + goodbyeMs
    while (this.#pairs.size > 0 && performance.now() < until) await new Promise((next) => setTimeout(next, 10))
    for (const session of this.#pairs.keys()) session.destroy()
  }

  #pair(session: ServerHttp2Session, member: string): void {
    const { clientCertificate, clientKey, authority } = this.#identity
    const upstream = connect(member, { cert: clientCertificate, key: clientKey, ca: authority })
    this.#pairs.set(session, upstream)
    const end = (): void => {
      this.#pairs.delete(session)
      session.destroy()
      upstream.destroy()
    }
    for (const one of [session, upstream]) one.on('close', end).on('error', end).on('goaway', end)
  }

  #pass(down: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const upstream = down.session && this.#pairs.get(down.session as ServerHttp2Session)
    if (!upstream || upstream.destroyed) return down.close(constants.NGHTTP2_REFUSED_STREAM)
    this.#calls += 1
    const up = upstream.request(headers, { endStream: false })
    const gate = new Gate(up, down)
    if (headers[':path'] === watchCall) {
      this.#gates.add(gate)
      down.on('close', () => this.#gates.delete(gate))
      if (this.#frozen) gate.close()
    }
    down.pipe(up)
    relay(up, down, gate)
  }
}

/** All of etcd's responses go through the gate, so that they arrive in their order. */
function relay(up: ClientHttp2Stream, down: ServerHttp2Stream, gate: Gate): void {
  let trailers: IncomingHttpHeaders = {}
  const alive = (deliver: () => void): (() => void) => {
    return () => {
      if (!down.destroyed && !down.closed) deliver()
    }
  }
  up.on('response', (headers, flags) => {
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    gate.pass(alive(() => down.respond(headers, endStream ? { endStream } : { waitForTrailers: true })))
  })
  up.on('data', (chunk: Buffer) =>
    gate.pass(
      alive(() => gate.wrote(down.write(chunk))),
      chunk.length,
    ),
  )
  up.on('trailers', (received) => (trailers = received))
  down.on('wantTrailers', () => down.sendTrailers(trailers))
  up.on('end', () => gate.pass(alive(() => down.end())))
  up.on('error', () => undefined)
  down.on('error', () => undefined)
  up.on('close', () => {
    if (up.rstCode !== constants.NGHTTP2_NO_ERROR) gate.pass(alive(() => down.close(up.rstCode)))
  })
  down.on('close', () => {
    if (!up.closed) up.close(down.rstCode || constants.NGHTTP2_CANCEL)
  })
}
