import type { V1Node, V1PersistentVolume, V1Pod, V1StatefulSet } from '@kubernetes/client-node'
import type { Machine } from '../../harness/cluster/machine/machine.ts'
import { now } from '../../harness/record/clock.ts'
import type { ScenarioContext } from '../../harness/run/scenario.ts'
import { localStorage, localVolume } from './objects.ts'

type Context = Pick<ScenarioContext, 'cluster' | 'traffic' | 'until' | 'record'>

export const waiting = { timeoutMs: 180_000, intervalMs: 200 } as const

/** Creates one volume on each Node, after those of an earlier run are gone. Disposing deletes all of them. */
export async function localVolumes(context: Context, nodes: readonly Machine[]): Promise<AsyncDisposable> {
  const { cluster, traffic, until } = context
  const { namespace } = traffic.workloads
  const volumes = nodes.map(({ name }) => localVolume(namespace, name))
  const names = volumes.map(({ metadata }) => metadata?.name)
  await until(
    'the volumes of an earlier run to be gone',
    async () => {
      const existing = await cluster.kubernetes.list<V1PersistentVolume>('v1', 'PersistentVolume')
      return !existing.some(({ metadata }) => names.includes(metadata?.name))
    },
    waiting,
  )
  const all = [localStorage, ...volumes]
  for (const object of all) await traffic.workloads.apply(object)
  return {
    [Symbol.asyncDispose]: async () => {
      for (const object of all) await cluster.kubernetes.delete(object)
    },
  }
}

export async function changeSet(context: Context, name: string, spec: object): Promise<void> {
  const { namespace } = context.traffic.workloads
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name, namespace }, spec }
  await context.cluster.kubernetes.merge(set as never)
}

/** Waits until exactly the wanted pods are Ready, with the revision that the partition allows. */
export async function setComplete(context: Context, name: string): Promise<void> {
  const { namespace } = context.traffic.workloads
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name, namespace } }
  await context.until(
    `StatefulSet ${name} to be complete`,
    async () => {
      const { metadata, spec, status } = await context.cluster.kubernetes.read<V1StatefulSet>(set)
      const wanted = spec?.replicas ?? 0
      const toUpdate = Math.max(0, wanted - (spec?.updateStrategy?.rollingUpdate?.partition ?? 0))
      const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, observedGeneration = 0 } = status ?? {}
      const isObserved = observedGeneration >= (metadata?.generation ?? 0)
      return isObserved && replicas === wanted && readyReplicas === wanted && updatedReplicas >= toUpdate
    },
    waiting,
  )
}

/** The only pod of a name; undefined while it does not exist. */
export async function podNamed({ cluster, traffic }: Context, name: string): Promise<V1Pod | undefined> {
  const pods = await cluster.kubernetes.list<V1Pod>('v1', 'Pod', traffic.workloads.namespace)
  return pods.find(({ metadata }) => metadata?.name === name)
}

/** Whether a pod that is no longer the one with this uid is Ready. */
export async function isReplaced(context: Context, name: string, uid: string | undefined): Promise<boolean> {
  const pod = await podNamed(context, name)
  const isReady = pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  return pod !== undefined && pod.metadata?.uid !== uid && isReady === true
}

/** Whether the scheduler reported that no Node fits the pod. */
export async function isUnschedulable(context: Context, name: string): Promise<boolean> {
  const conditions = (await podNamed(context, name))?.status?.conditions ?? []
  return conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable')
}

export async function isEnding(context: Context, name: string): Promise<boolean> {
  return (await podNamed(context, name))?.metadata?.deletionTimestamp !== undefined
}

export async function isReadyNode({ cluster }: Context, node: Machine): Promise<boolean> {
  const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: node.name } }
  const { spec } = await cluster.kubernetes.read<V1Node>(object)
  return (await cluster.nodeReady(node)) && (spec?.taints ?? []).length === 0
}

/** Records the containers of every Node's runtime: the agents do not depend on the network. */
export async function listRuntimes({ cluster, record }: Context): Promise<void> {
  await Promise.all(
    cluster.nodes.map(async (machine) => {
      const at = now()
      const { containers } = await machine.call('containers', {})
      record({ kind: 'containers', at, machine: machine.name, containers })
    }),
  )
}
