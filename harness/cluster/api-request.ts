import type { KubeConfig } from '@kubernetes/client-node'
import { Agent, request } from 'node:https'

/** One API server, as its kubeconfig addresses it. */
interface Addressed {
  readonly url: string
  readonly config: KubeConfig
}

const agents = new WeakMap<KubeConfig, Agent>()

/**
 * One plain request to one API server as the administrator: for those who care about what exactly came back, or did not.
 * @throws on a broken connection, and when nothing came in `timeoutMs`
 */
export function apiRequest(
  server: Addressed,
  method: 'GET' | 'POST',
  path: string,
  options: { readonly body?: unknown; readonly timeoutMs: number },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(options.timeoutMs)
    const headers = { 'content-type': 'application/json' }
    const sent = request(server.url + path, { method, agent: agentFor(server), signal, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    sent.on('error', (error) => reject(signal.aborted ? new Error(`no answer in ${options.timeoutMs} ms`) : error))
    sent.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}

function agentFor({ config }: Addressed): Agent {
  const known = agents.get(config)
  if (known) return known
  const pem = (data: string | undefined): Buffer => Buffer.from(data ?? '', 'base64')
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()]
  const agent = new Agent({
    keepAlive: true,
    ca: pem(cluster?.caData),
    cert: pem(user?.certData),
    key: pem(user?.keyData),
  })
  agents.set(config, agent)
  return agent
}
