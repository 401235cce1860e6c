import { HttpMethod, RequestContext } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { kubeconfig } from './kubeconfig.ts'
import { type ApiServer, apiServer } from './kubernetes.ts'
import { Authority } from './pki.ts'

test('all requests to one API server share their connections, those to another have their own', async () => {
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
