import { apiServersUrl, paths } from '../agent/paths.ts'
import type { Machine } from '../cluster/machine/machine.ts'

const timeoutMs = 10_000

/**
 * Sends a request with the credential of a Node's kubelet, through the machine's own load balancer. Resolves for any status.
 * @throws on a broken connection and without an answer
 */
export function requestAsKubelet(
  node: Machine,
  method: 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ readonly status: number }> {
  return node.call('http', {
    url: apiServersUrl + path,
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/merge-patch+json' } } : {}),
    certificate: `${paths.pki}/kubelet.crt`,
    key: `${paths.pki}/kubelet.key`,
    authority: `${paths.pki}/ca.crt`,
    timeoutMs,
  })
}
