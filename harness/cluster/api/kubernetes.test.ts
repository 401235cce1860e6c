import { ApiException, HttpMethod, RequestContext } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { apiRequest } from './api-request.ts'
import { kubeconfig } from './kubeconfig.ts'
import { type ApiServer, apiServer, Kubernetes } from './kubernetes.ts'
import { Authority } from '../pki.ts'
import { pod, serving, text } from './testing/serving.ts'

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
  await eventually('the request to be cancelled', () => silent.open.size === 0, { timeoutMs: 5_000 })
})

test('a caller can cancel, which ends the request and uses no other server', async () => {
  await using silent = await serving(() => undefined)
  await using other = await serving(text(500, 'this server should not be used'))
  const stop = new AbortController()
  const response = new Kubernetes([silent.server, other.server]).request((objects) => objects.read(pod), stop.signal)
  const ended = expect(response).rejects.toThrow('interrupted')
  await eventually('the request to arrive', () => silent.open.size === 1, { timeoutMs: 5_000 })
  stop.abort(new Error('interrupted'))
  await ended
  await eventually('the request to be cancelled', () => silent.open.size === 0, { timeoutMs: 5_000 })
})

test('a plain request is cancelled after half of its answer', async () => {
  await using halfway = await serving((response) => void response.writeHead(200).write('{"half'))
  await expect(apiRequest(halfway.server, 'GET', '/livez', { timeoutMs: 200 })).rejects.toThrow('200 ms')
  await eventually('the request to be cancelled', () => halfway.open.size === 0, { timeoutMs: 5_000 })
})
