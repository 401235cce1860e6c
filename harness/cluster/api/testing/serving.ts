import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Authority } from '../../pki.ts'
import { kubeconfig } from '../kubeconfig.ts'
import { type ApiServer, apiServer } from '../kubernetes.ts'

export interface Serving extends AsyncDisposable {
  readonly server: ApiServer
  /** Open requests for the pod itself. */
  readonly open: Set<string>
}

export const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart', namespace: 'shop' } }
const pods = {
  kind: 'APIResourceList',
  groupVersion: 'v1',
  resources: [{ name: 'pods', kind: 'Pod', namespaced: true }],
}

/** An API server that serves the resource of pods, and gives all other requests to `answer`. */
export async function serving(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<Serving> {
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

/** Answers with text. */
export const text = (status: number, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
