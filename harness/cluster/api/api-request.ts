import type { KubeConfig } from '@kubernetes/client-node'
import { Agent, request } from 'node:https'
import { fromBase64 } from '../../common/base64.ts'

/** One API server, as its kubeconfig addresses it. */
export interface Addressed {
  readonly url: string
  readonly config: KubeConfig
}

const agents = new WeakMap<KubeConfig, Agent>()

/**
 * Sends one plain request to one API server as the administrator, for callers that need the exact answer or error.
 * Cancelled by `signal`, and when the whole answer does not arrive in `timeoutMs`.
 * @throws on a broken connection, and when it was cancelled
 */
export function apiRequest(
  server: Addressed,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { readonly body?: unknown; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const time = AbortSignal.timeout(options.timeoutMs)
    const signal = options.signal ? AbortSignal.any([time, options.signal]) : time
    // Also while the body arrives: half an answer is not an answer.
    const fail = (error: Error): void => {
      if (options.signal?.aborted) reject(options.signal.reason)
      else reject(time.aborted ? new Error(`no answer in ${options.timeoutMs} ms to ${method}`) : error)
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body)
    const headers = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      // Node does not send the length of a DELETE's body, and the server would read the rest as the next request.
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    }
    const sent = request(server.url + path, { method, agent: agentFor(server), signal, headers }, (response) => {
      let answer = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (answer += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: answer }))
      response.on('error', fail)
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

function agentFor(server: Addressed): Agent {
  const known = agents.get(server.config)
  if (known) return known
  const agent = new Agent({ keepAlive: true, ...credentialsOf(server) })
  agents.set(server.config, agent)
  return agent
}

/** Returns the TLS options of a client of the server. */
export function credentialsOf({ config }: Addressed): { ca: string; cert: string; key: string } {
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()]
  return {
    ca: fromBase64(cluster?.caData ?? ''),
    cert: fromBase64(user?.certData ?? ''),
    key: fromBase64(user?.keyData ?? ''),
  }
}
