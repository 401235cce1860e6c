import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { kubeconfig } from '../../../../harness/cluster/api/kubeconfig.ts'
import { apiRequest } from '../../../../harness/cluster/api/api-request.ts'
import { type ApiServer, apiServer } from '../../../../harness/cluster/api/kubernetes.ts'
import { watchLines } from '../../../../harness/cluster/api/watch.ts'
import { Authority } from '../../../../harness/cluster/pki.ts'

export interface ProxiedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body: unknown
}

export interface ProxiedResponse {
  readonly status: number
  readonly body: string
}

/** Sends a request to the real API server. */
export type SendRequest = (request: ProxiedRequest) => Promise<ProxiedResponse>

/** Changes that a proxy makes. It passes all other answers on unchanged. */
export interface ResponseChanges {
  /** Replaces the API server's answer. */
  readonly answer?: (request: ProxiedRequest, send: SendRequest) => Promise<ProxiedResponse>
  /** Replaces one line of a watch. `n` counts the changes of all watches and is 0 for other lines. */
  readonly watch?: (line: string, n: number) => string[]
  /** The watch that delivers this change breaks after it. */
  readonly breakAfter?: number
}

const timeoutMs = 3_000

/** A proxy between a client and an API server that changes answers. It listens on loopback only. */
export class FaultyProxy implements AsyncDisposable {
  readonly server: ApiServer
  readonly #http: Server

  private constructor(server: ApiServer, http: Server) {
    this.server = server
    this.#http = http
  }

  static async before(real: ApiServer, changes: ResponseChanges): Promise<FaultyProxy> {
    const authority = await Authority.create('middleman-authority')
    const { certificate, key } = await authority.issue({ commonName: 'middleman', names: ['127.0.0.1'] })
    let count = 0
    const http = createServer({ cert: certificate, key }, (request, response) => {
      const handled = request.url?.includes('watch=1')
        ? passWatch(real, request.url, response, changes, () => ++count)
        : passOn(real, request, response, changes)
      void handled.catch(() => response.destroy())
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(http.address() as AddressInfo).port}`
    // The proxy ignores client certificates and uses its own with the API server.
    const config = kubeconfig(url, authority.certificate, { certificate, key })
    return new FaultyProxy(apiServer(real.name, url, config), http)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }
}

async function passOn(
  real: ApiServer,
  incoming: IncomingMessage,
  response: ServerResponse,
  changes: ResponseChanges,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const request = {
    method: incoming.method as ProxiedRequest['method'],
    path: incoming.url ?? '/',
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  }
  const send: SendRequest = ({ method, path, body }) => apiRequest(real, method, path, { body, timeoutMs })
  const { status, body } = await (changes.answer ?? ((one: ProxiedRequest) => send(one)))(request, send)
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

async function passWatch(
  real: ApiServer,
  path: string,
  response: ServerResponse,
  { watch = (line) => [line], breakAfter }: ResponseChanges,
  count: () => number,
): Promise<void> {
  const over = new AbortController()
  response.on('close', () => over.abort())
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  const onLine = (line: string): void => {
    const n = /^\{"type":"(ADDED|MODIFIED|DELETED)"/.test(line) ? count() : 0
    for (const changed of watch(line, n)) response.write(`${changed}\n`)
    if (n > 0 && n === breakAfter) setImmediate(() => response.destroy())
  }
  await watchLines(real, path, { idleMs: 30_000, signal: over.signal }, onLine)
  response.end()
}
