import { readFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { Agent, request as tlsRequest } from 'node:https'
import type { HttpSpec } from './parameters.ts'

const connections = new Map<string, Agent>()

/** Sends one HTTP or HTTPS request from inside the machine, over a kept connection. @throws on time-out and on a broken connection */
export function http(spec: HttpSpec): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(spec.timeoutMs)
    // Also while the body arrives: half an answer is not an answer.
    const fail = (error: Error): void =>
      reject(signal.aborted ? new Error(`no answer in ${spec.timeoutMs} ms from ${spec.url}`) : error)
    const tls = spec.url.startsWith('https:')
    const options = { method: spec.method, signal, headers: { ...spec.headers } }
    const sent = (tls ? tlsRequest : plainRequest)(
      spec.url,
      tls ? { ...options, agent: connection(spec) } : options,
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (body += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        response.on('error', fail)
      },
    )
    sent.on('error', fail)
    sent.end(spec.body)
  })
}

function connection({ certificate, key, authority }: HttpSpec): Agent {
  const name = `${certificate} ${key} ${authority}`
  const known = connections.get(name)
  if (known) return known
  const agent = new Agent({
    keepAlive: true,
    // Components that serve on loopback make their own certificates; Holdfast only reads their configuration.
    rejectUnauthorized: authority !== undefined,
    ...(certificate ? { cert: readFileSync(certificate) } : {}),
    ...(key ? { key: readFileSync(key) } : {}),
    ...(authority ? { ca: readFileSync(authority) } : {}),
  })
  connections.set(name, agent)
  return agent
}
