import { base64 } from '../../common/base64.ts'
import { beginningOf, jsonIn } from '../../common/json-answer.ts'
import { paths } from '../paths.ts'
import type { HttpSpec } from '../rpc/parameters.ts'

/** Paths of the PEM files with which a client authenticates to a member, on every machine that needs them. */
export const memberPki = {
  certificate: `${paths.etcdPki}/client.crt`,
  key: `${paths.etcdPki}/client.key`,
  authority: `${paths.etcdPki}/ca.crt`,
} as const

/** URL of the member on the machine that sends a request. */
export const ownMember = 'https://127.0.0.1:2379'

/** Sends an HTTP request from inside a machine: `http` in its agent, a call of the agent from outside. */
type Send = (spec: HttpSpec) => Promise<{ readonly status: number; readonly body: string }>

export interface EtcdOptions {
  readonly timeoutMs: number
  /** Client URL of the member. Default: the machine's own. */
  readonly member?: string
}

/** The member answered, but not with status 200. */
export class EtcdError extends Error {}

/**
 * Sends a request to etcd's JSON gateway with mutual TLS, as a client would: a POST, or a GET without a body. Returns the
 * parsed answer. @throws EtcdError with status and body when the status is not 200
 */
export async function etcdRequest(
  send: Send,
  path: string,
  body: object | undefined,
  { timeoutMs, member = ownMember }: EtcdOptions,
): Promise<unknown> {
  const content = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const request = body ? ({ method: 'POST', ...content } as const) : ({ method: 'GET' } as const)
  const answer = await send({ ...memberPki, ...request, url: member + path, timeoutMs })
  if (answer.status !== 200) throw new EtcdError(`${answer.status} ${beginningOf(answer.body)}`)
  return jsonIn(answer)
}

/** Returns the request fields that select all keys with a prefix. */
export function keysWith(prefix: string): { readonly key: string; readonly range_end: string } {
  return { key: base64(prefix), range_end: base64(afterPrefix(prefix)) }
}

/** Returns the first key after all keys with a prefix. */
function afterPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
