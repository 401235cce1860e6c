import { apiServersUrl, paths } from '../../harness/agent/paths.ts'
import type { Machine } from '../../harness/cluster/machine/machine.ts'
import type { ScenarioContext } from '../../harness/run/scenario.ts'

const annotation = 'holdfast/changed-by-a-node'
const timeoutMs = 10_000

/**
 * Changes Nodes and a pod with the credential of one Node's kubelet: its own Node, another Node, and a pod of another Node. The audit
 * log records the answers. Changes that must be refused are dry runs.
 */
export async function useNodeCredential({ cluster, traffic, choose, step }: ScenarioContext): Promise<void> {
  const { clientHost, workloads } = traffic
  const [pod] = (await cluster.kubernetes.list('v1', 'Pod', workloads.namespace)).flatMap(
    ({ metadata }) => metadata ?? [],
  )
  if (!pod) throw new Error('the scenario needs a pod')
  const own = choose(cluster.workers.filter((machine) => machine !== clientHost))
  step(`use the kubelet's credential of ${own.name} for other Nodes' objects`)
  const ofPod = `/api/v1/namespaces/${workloads.namespace}/pods/${pod.name}`
  for (const value of [own.name, null]) await patch(own, `/api/v1/nodes/${own.name}`, annotated(value))
  await patch(own, `/api/v1/nodes/${clientHost.name}?dryRun=All`, annotated(own.name))
  await patch(own, `${ofPod}/status?dryRun=All`, { status: { message: own.name } })
  await requestAs(own, 'DELETE', `${ofPod}?dryRun=All`)
}

const annotated = (value: string | null): object => ({ metadata: { annotations: { [annotation]: value } } })

function patch(node: Machine, path: string, body: object): Promise<unknown> {
  return requestAs(node, 'PATCH', path, body)
}

/** The request goes through the machine's own load balancer, as the kubelet's do. */
function requestAs(node: Machine, method: 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
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
