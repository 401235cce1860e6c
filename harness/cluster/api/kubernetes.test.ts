import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ApiException, HttpMethod, RequestContext } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { apiRequest, apiStream } from './api-request.ts'
import { kubeconfig } from './kubeconfig.ts'
import { type ApiServer, apiServer, Kubernetes } from './kubernetes.ts'
import { Authority } from '../pki.ts'

test('requests to one API server share their connections, another server has its own', async () => {
  const authority = await Authority.create('test')
  const admin = await authority.issue({ commonName: 'admin' })
  const url = 'https://127.0.0.1:6443'
  const server = (name: string): ApiServer => apiServer(name, url, kubeconfig(url, authority.certificate, admin))
  const connectionsOf = async ({ config }: ApiServer): Promise<unknown> => {
    const request = new RequestContext(url, HttpMethod.GET)
    await config.applySecurityAuthentication(request)
    return request.getDispatcher()
  }
  const [one, other] = [server('control-plane1'), server('control-plane2')]
  const [first, second, elsewhere] = await Promise.all([one, one, other].map(connectionsOf))
  expect(first).toBeDefined()
  expect(second).toBe(first)
  expect(elsewhere).not.toBe(first)
})

interface Serving extends AsyncDisposable {
  readonly server: ApiServer
  /** Open requests for the pod itself. */
  readonly open: Set<string>
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart', namespace: 'shop' } }
const pods = {
  kind: 'APIResourceList',
  groupVersion: 'v1',
  resources: [{ name: 'pods', kind: 'Pod', namespaced: true }],
}

/** An API server that serves the resource of pods, and gives all other requests to `answer`. */
async function serving(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<Serving> {
  const authority = await Authority.create('test')
  const [own, admin] = await Promise.all([
    authority.issue({ commonName: 'server', names: ['127.0.0.1'] }),
    authority.issue({ commonName: 'admin' }),
  ])
  const open = new Set<string>()
  const listener = createServer({ cert: own.certificate, key: own.key }, (request, response) => {
    if (request.url === '/api/v1') {
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(pods))
    }
    open.add(request.url ?? '')
    response.on('close', () => open.delete(request.url ?? ''))
    answer(response, request)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const url = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`
  return {
    server: apiServer('control-plane1', url, kubeconfig(url, authority.certificate, admin)),
    open,
    [Symbol.asyncDispose]: async () => {
      listener.closeAllConnections()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

const text = (status: number, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body)

test('the error contains the text of an overloaded server', async () => {
  await using one = await serving(text(429, 'Too many requests, please try again later.\n'))
  await expect(new Kubernetes([one.server]).read(pod)).rejects.toMatchObject({
    code: 'HF_API_ANSWER',
    message: expect.stringMatching(/429: Too many requests, please try again later/) as string,
  })
})

test('the error contains the text of a server that has failed', async () => {
  await using one = await serving(text(503, 'upstream connect error'))
  await expect(new Kubernetes([one.server]).read(pod)).rejects.toMatchObject({
    code: 'HF_NO_API_SERVER',
    message: expect.stringMatching(/503: upstream connect error/) as string,
  })
})

test('an object is gone when the API reports it, and not when a page was not found', async () => {
  await using starting = await serving(text(404, '404 page not found\n'))
  await expect(new Kubernetes([starting.server]).delete(pod)).rejects.toMatchObject({ code: 'HF_API_ANSWER' })
  await using whole = await serving((response) => {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(status))
  })
  const kubernetes = new Kubernetes([whole.server])
  await kubernetes.delete(pod)
  await expect(kubernetes.read(pod)).rejects.toBeInstanceOf(ApiException)
})

test('a request that is not answered in time is cancelled, and the next server is used', async () => {
  await using silent = await serving(() => undefined)
  await using other = await serving((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(pod))
  })
  const found = await new Kubernetes([silent.server, other.server], 300).read(pod)
  expect(found.metadata?.name).toBe('cart')
  await eventually('the request to be cancelled', () => silent.open.size === 0, { withinMs: 5_000 })
})

test('a caller can cancel, which ends the request and uses no other server', async () => {
  await using silent = await serving(() => undefined)
  await using other = await serving(text(500, 'this server should not be used'))
  const stop = new AbortController()
  const asked = new Kubernetes([silent.server, other.server]).request((objects) => objects.read(pod), stop.signal)
  const ended = expect(asked).rejects.toThrow('interrupted')
  await eventually('the request to arrive', () => silent.open.size === 1, { withinMs: 5_000 })
  stop.abort(new Error('interrupted'))
  await ended
  await eventually('the request to be cancelled', () => silent.open.size === 0, { withinMs: 5_000 })
})

test('the error of a refused stream contains its text', async () => {
  await using one = await serving(text(429, 'Too many requests, please try again later.\n'))
  const options = { idleMs: 5_000, signal: new AbortController().signal, onLine: () => undefined }
  await expect(apiStream(one.server, '/api/v1/pods?watch=true', options)).rejects.toThrow(/429: Too many requests/)
})

test('a plain request is cancelled after half of its answer', async () => {
  await using halfway = await serving((response) => void response.writeHead(200).write('{"half'))
  await expect(apiRequest(halfway.server, 'GET', '/livez', { timeoutMs: 200 })).rejects.toThrow('200 ms')
  await eventually('the request to be cancelled', () => halfway.open.size === 0, { withinMs: 5_000 })
})
