import { beginningOf, jsonIn } from '../../common/json-answer.ts'
import { http } from '../rpc/http.ts'

/** Paths of the PEM files with which a client authenticates to the member. */
export const memberPki = {
  certificate: '/etc/etcd/pki/client.crt',
  key: '/etc/etcd/pki/client.key',
  authority: '/etc/etcd/pki/ca.crt',
} as const

/** The member on this machine. */
const ownMember = 'https://127.0.0.1:2379'

/** Sends a request to an etcd member's JSON gateway with mutual TLS, as a client would. @throws its answer when the status is not 200 */
export async function askEtcd(
  path: string,
  body: object,
  options: { readonly timeoutMs: number; readonly member?: string },
): Promise<unknown> {
  const answer = await http({
    ...memberPki,
    url: (options.member ?? ownMember) + path,
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    timeoutMs: options.timeoutMs,
  })
  if (answer.status !== 200) throw new Error(`${answer.status} ${beginningOf(answer.body)}`)
  return jsonIn(answer)
}

/** Sends this machine's member a consistent read, which takes a leader and a majority. */
export async function etcdServes(): Promise<boolean> {
  await askEtcd('/v3/kv/range', { key: base64('holdfast'), limit: '1' }, { timeoutMs: 1_000 })
  return true
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
