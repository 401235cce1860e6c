import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { join, machineExists, removeMachine } from '../cluster/join.ts'
import { eventually } from '../eventually.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { runKubectl, undoByKubectl } from './kubectl.ts'

/** From no container to a Ready Node takes some ten seconds on an idle host. */
const readyWithinMs = 120_000
const goneWithinMs = 60_000
/** How long kubectl goes on trying to empty the Node; what is left on it then goes with it. */
const drainSeconds = 30

/**
 * A machine that was not in the cluster joins it: a container of its own, a certificate of the cluster's authority, a Node that
 * takes pods. Healed by draining the Node and deleting it, and by removing the machine. `emit` gets what kubectl said.
 */
export function addWorker(cluster: Cluster, emit: (record: JournalRecord) => void): Fault {
  const { spare, kubernetes, run } = cluster
  const name = spare?.spec.name ?? 'worker'
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  const nodeNow = async (): Promise<V1Node | undefined> =>
    (await kubernetes.list<V1Node>('v1', 'Node')).find(({ metadata }) => metadata?.name === name)
  return {
    name: 'add-worker',
    target: { machines: [name] },
    claims: [name],
    available: async () => {
      if (!spare) return 'nothing is known of a machine that could join this cluster'
      if (await machineExists(run, name)) return `${name} is there already`
      return (await nodeNow()) ? `there is a Node ${name} already` : undefined
    },
    inject: async () => {
      if (!spare) throw new Error('there is no machine to join')
      const machine = await join(cluster, spare, ({ record }) => emit(record))
      const registered = await eventually(
        `the Node ${name} to be registered and Ready`,
        async () => {
          const seen = await nodeNow()
          return seen && isReady(seen) && seen.status?.nodeInfo?.kubeletVersion ? seen : undefined
        },
        { withinMs: readyWithinMs, everyMs: 100 },
      )
      return [
        {
          proves: `${name} runs and its own kubelet has registered it as a Node, which is Ready`,
          facts: {
            machine: name,
            startedAt: await machine.startedAt(),
            uid: registered.metadata?.uid ?? null,
            kubelet: registered.status?.nodeInfo?.kubeletVersion ?? null,
            ready: true,
          },
        },
      ]
    },
    heal: async () => {
      const drained = (await nodeNow()) ? await empty(cluster, name, emit) : null
      const machine = cluster.machines.find((one) => one.name === name)
      await machine?.disconnect()
      await removeMachine(run, name)
      if (machine) cluster.leftBy(machine)
      await kubernetes.delete(node)
      // Nobody is left there who could end them in good order.
      for (const pod of await podsOn(cluster, name)) await kubernetes.delete(pod, 0)
      await eventually(
        `nothing of ${name} to be left`,
        async () =>
          !(await nodeNow()) && (await podsOn(cluster, name)).length === 0 && !(await machineExists(run, name)),
        { withinMs: goneWithinMs, everyMs: 100 },
      )
      return [
        {
          proves: `there is neither a Node ${name} nor a machine, and no pod is bound to it`,
          facts: { machine: name, exists: false, drained },
        },
      ]
    },
    undo: () => [
      { do: 'remove', machine: name },
      undoByKubectl(cluster, ['delete', 'node', name, '--ignore-not-found']),
      undoByKubectl(cluster, [
        'delete',
        'pods',
        '--all-namespaces',
        `--field-selector=spec.nodeName=${name}`,
        '--force',
        '--grace-period=0',
      ]),
    ],
  }
}

async function empty(cluster: Cluster, name: string, emit: (record: JournalRecord) => void): Promise<number> {
  const how = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${drainSeconds}s`]
  const record = await runKubectl(cluster, ['drain', name, ...how], AbortSignal.timeout(drainSeconds * 2_000))
  emit(record)
  return record.exitCode
}

async function podsOn({ kubernetes }: Cluster, name: string): Promise<V1Pod[]> {
  const pods = await kubernetes.list<V1Pod>('v1', 'Pod')
  const there = pods.filter(({ spec }) => spec?.nodeName === name)
  return there.map(({ metadata = {} }) => ({ apiVersion: 'v1', kind: 'Pod', metadata }))
}

function isReady({ status }: V1Node): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
}

export const addWorkerKind = faultKind({
  name: 'add-worker',
  group: 'machine',
  describe: 'A machine that was not in the cluster joins it as a new worker',
  hits: 'cluster',
  evidence: {
    bit: 'its container runs, and the Node of its name was registered by its own kubelet and is Ready',
    ended: 'it was drained, and there is neither a Node nor a container of its name, nor a pod that is bound to it',
  },
  options: z.object({}),
  make: (cluster, _, { emit }) => addWorker(cluster, emit),
})
