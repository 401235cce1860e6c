import type { ScenarioContext } from '../../harness/run/scenario.ts'
import { requestAsKubelet } from '../../harness/traffic/node-credential.ts'

const annotation = 'holdfast/changed-by-a-node'

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
  for (const value of [own.name, null])
    await requestAsKubelet(own, 'PATCH', `/api/v1/nodes/${own.name}`, annotated(value))
  await requestAsKubelet(own, 'PATCH', `/api/v1/nodes/${clientHost.name}?dryRun=All`, annotated(own.name))
  await requestAsKubelet(own, 'PATCH', `${ofPod}/status?dryRun=All`, { status: { message: own.name } })
  await requestAsKubelet(own, 'DELETE', `${ofPod}?dryRun=All`)
}

const annotated = (value: string | null): object => ({ metadata: { annotations: { [annotation]: value } } })
