import type { KubeConfig } from '@kubernetes/client-node'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fromBase64 } from '../../common/base64.ts'
import { statusOf } from './api-answer.ts'
import { beginningOf } from '../../common/json-answer.ts'

/** One API server, as its kubeconfig addresses it. */
interface Addressed {
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

/**
 * Sends a request and passes on its answer line by line as it arrives. Resolves when the server ends it in good order.
 * @throws on a broken connection, on an answer other than 200, and when nothing arrives for `idleMs`
 */
export function apiStream(
  server: Addressed,
  path: string,
  options: { readonly idleMs: number; readonly signal: AbortSignal; readonly onLine: (line: string) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(server.url + path, { agent: agentFor(server), signal: options.signal }, (response) => {
      if (response.statusCode !== 200) {
        void refusal(response).then(reject)
        return
      }
      const lines = createInterface({ input: response, crlfDelay: Infinity })
      lines.on('line', options.onLine)
      lines.on('error', reject)
      response.on('error', reject)
      response.on('close', () => (response.complete ? resolve() : reject(new Error('the stream broke off'))))
    })
    sent.setTimeout(options.idleMs, () => sent.destroy(new Error(`nothing was received for ${options.idleMs} ms`)))
    sent.on('error', reject)
    sent.end()
  })
}

/** Returns an answer other than 200 as an error; a 429 is text, other errors are JSON. */
async function refusal(response: IncomingMessage): Promise<Error> {
  const body = await text(response).catch((error: unknown) => `the answer broke off: ${String(error)}`)
  const status = response.statusCode ?? 0
  return new Error(`the API server answered ${status}: ${statusOf(body)?.message ?? beginningOf(body)}`)
}

function agentFor({ config }: Addressed): Agent {
  const known = agents.get(config)
  if (known) return known
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()]
  const agent = new Agent({
    keepAlive: true,
    ca: fromBase64(cluster?.caData ?? ''),
    cert: fromBase64(user?.certData ?? ''),
    key: fromBase64(user?.keyData ?? ''),
  })
  agents.set(config, agent)
  return agent
}
