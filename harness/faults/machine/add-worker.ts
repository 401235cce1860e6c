import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import { join, machineExists, removeMachine } from '../../cluster/boot/join.ts'
import { eventually } from '../../common/eventually.ts'
import type { Evidence } from '../../record/records.ts'
import { type FaultContext, defineFault } from '../engine/fault-kind.ts'
import { drainCommand, runKubectl, undoByKubectl } from '../kube-api/kubectl.ts'

/** On an idle host a new machine becomes a Ready Node in about ten seconds. */
const readyWithinMs = 120_000
const goneWithinMs = 60_000
/** Timeout of the drain; pods that remain are deleted with the Node. */
const drainSeconds = 30

/**
 * Adds a worker to `cluster.machines`: a new container, a certificate of the cluster's CA and a schedulable Node. Reverting
 * drains and deletes the Node and removes the machine.
 */
export const addWorker = defineFault({
  name: 'add-worker',
  describe: 'Adds a machine to the cluster as a new worker',
  hits: 'cluster',
  evidence: {
    confirmed: 'its container runs, and its kubelet has registered a Ready Node',
    cleared: 'its Node is drained and deleted, its container is removed, and no pod is bound to it',
  },
  options: z.object({}),
  create: (cluster, _, { emit }) => {
    const name = cluster.spare?.spec.name ?? 'worker'
    return {
      target: { machines: [name] },
      claims: [name],
      available: async () => {
        if (!cluster.spare) return 'this cluster has no spare machine to add'
        if (await machineExists(cluster.run, name)) return `the machine ${name} already exists`
        return (await nodeNamed(cluster, name)) ? `the Node ${name} already exists` : undefined
      },
      inject: async () => [await added(cluster, name, emit)],
      heal: async () => [await removed(cluster, name, emit)],
      undo: () => [
        { do: 'remove', machine: name },
        undoByKubectl(cluster, ['delete', 'node', name, '--ignore-not-found']),
        undoByKubectl(cluster, deletePodsOn(name)),
      ],
    }
  },
})

const deletePodsOn = (name: string): readonly string[] => [
  'delete',
  'pods',
  '--all-namespaces',
  `--field-selector=spec.nodeName=${name}`,
  '--force',
  '--grace-period=0',
]

/** Receives the records of kubectl. */
type Emit = FaultContext['emit']

async function added(cluster: Cluster, name: string, emit: Emit): Promise<Evidence> {
  if (!cluster.spare) throw new Error('this cluster has no spare machine to add')
  const machine = await join(cluster, cluster.spare, ({ record }) => emit(record))
  const registered = await eventually(
    `the Node ${name} to be registered and Ready`,
    async () => {
      const seen = await nodeNamed(cluster, name)
      return seen && isReady(seen) && seen.status?.nodeInfo?.kubeletVersion ? seen : undefined
    },
    { timeoutMs: readyWithinMs, intervalMs: 100 },
  )
  return {
    proves: `${name} runs, and its kubelet has registered a Ready Node`,
    facts: {
      machine: name,
      startedAt: await machine.startedAt(),
      uid: registered.metadata?.uid ?? null,
      kubelet: registered.status?.nodeInfo?.kubeletVersion ?? null,
      ready: true,
    },
  }
}

async function removed(cluster: Cluster, name: string, emit: Emit): Promise<Evidence> {
  const { kubernetes, run } = cluster
  const drained = (await nodeNamed(cluster, name)) ? await empty(cluster, name, emit) : null
  const machine = cluster.machines.find((one) => one.name === name)
  await machine?.disconnect()
  await removeMachine(run, name)
  if (machine) cluster.leftBy(machine)
  await kubernetes.delete({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
  // The machine is gone: no kubelet can terminate these pods gracefully.
  for (const pod of await podsOn(cluster, name)) await kubernetes.delete(pod, 0)
  await eventually(
    `removal of ${name}, its Node and its pods`,
    async () =>
      !(await nodeNamed(cluster, name)) &&
      (await podsOn(cluster, name)).length === 0 &&
      !(await machineExists(run, name)),
    { timeoutMs: goneWithinMs, intervalMs: 100 },
  )
  return {
    proves: `the machine and the Node ${name} are gone, and no pod is bound to it`,
    facts: { machine: name, exists: false, drained },
  }
}

async function empty(cluster: Cluster, name: string, emit: Emit): Promise<number> {
  const record = await runKubectl(cluster, drainCommand(name, drainSeconds), AbortSignal.timeout(drainSeconds * 2_000))
  emit(record)
  return record.exitCode
}

async function nodeNamed({ kubernetes }: Cluster, name: string): Promise<V1Node | undefined> {
  return (await kubernetes.list<V1Node>('v1', 'Node')).find(({ metadata }) => metadata?.name === name)
}

async function podsOn({ kubernetes }: Cluster, name: string): Promise<V1Pod[]> {
  const pods = await kubernetes.list<V1Pod>('v1', 'Pod')
  const there = pods.filter(({ spec }) => spec?.nodeName === name)
  return there.map(({ metadata = {} }) => ({ apiVersion: 'v1', kind: 'Pod', metadata }))
}

function isReady({ status }: V1Node): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
}
