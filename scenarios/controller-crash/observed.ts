import type { V1Job, V1Pod, V1Deployment } from '@kubernetes/client-node'
import type { ScenarioContext } from '../../harness/run/scenario.ts'

type Context = Pick<ScenarioContext, 'cluster' | 'traffic'>

/** Every pod of a workload, those that are terminating or finished included. */
export function podsOf({ cluster, traffic }: Context, app: string): Promise<V1Pod[]> {
  return cluster.kubernetes.list<V1Pod>('v1', 'Pod', traffic.workloads.namespace, `app=${app}`)
}

export async function hasPodOfVersion(context: Context, app: string, version: number): Promise<boolean> {
  const pods = await podsOf(context, app)
  return pods.some(({ metadata }) => metadata?.annotations?.['version'] === String(version))
}

export async function isTerminating(context: Context, app: string): Promise<boolean> {
  return (await podsOf(context, app)).some(({ metadata }) => metadata?.deletionTimestamp !== undefined)
}

export async function hasSucceededPod(context: Context, app: string): Promise<boolean> {
  return (await podsOf(context, app)).some(({ status }) => status?.phase === 'Succeeded')
}

export async function jobHas({ cluster, traffic }: Context, name: string, condition: string): Promise<boolean> {
  const { namespace } = traffic.workloads
  const job = await cluster.kubernetes.read<V1Job>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
  })
  return (job.status?.conditions ?? []).some(({ type, status }) => type === condition && status === 'True')
}

/** The reason of the Deployment's condition of this type. */
export async function conditionReason({ cluster, traffic }: Context, name: string, type: string): Promise<string> {
  const found = await deploymentNamed({ cluster, traffic }, name)
  return found?.status?.conditions?.find((one) => one.type === type)?.reason ?? ''
}

export async function isGone(context: Context, name: string): Promise<boolean> {
  return (await deploymentNamed(context, name)) === undefined
}

async function deploymentNamed({ cluster, traffic }: Context, name: string): Promise<V1Deployment | undefined> {
  const all = await cluster.kubernetes.list<V1Deployment>('apps/v1', 'Deployment', traffic.workloads.namespace)
  return all.find(({ metadata }) => metadata?.name === name)
}
