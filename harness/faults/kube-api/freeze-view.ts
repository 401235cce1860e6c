import type { KubernetesObject } from '@kubernetes/client-node'
import { z } from 'zod'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { contentOf } from '../../cluster/api/api-answer.ts'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { Evidence } from '../../record/records.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { clientUrl } from '../../cluster/etcd.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { undoByKubectl } from './kubectl.ts'
import { refuseWithin } from '../process/component-process.ts'

const namespace = 'kube-system'
const timeoutMs = 5_000
const withinMs = 30_000

/**
 * One API server receives no watch events from etcd and keeps answering: its watch cache and its clients' watches stall, while
 * quorum reads and writes pass. Its connections to etcd are reset at both ends of the fault.
 */
export const freezeView = defineFault({
  name: 'freeze-view',
  describe: 'Holds back etcd watch events of one API server; its other requests to etcd pass',
  hits: 'machine',
  evidence: {
    bit: "the event of a write through another API server is held back, and a read of this one's cache does not show the write",
    ended: 'the same read shows the write; the rules and the proxy are gone',
  },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({}),
  create: (machine, _, { cluster }) => freezeViewFault(cluster, machine),
})

function freezeViewFault(cluster: Cluster, machine: Machine): FaultBody {
  refuseWithin({ machine, component: 'kube-apiserver' })
  const servers = cluster.kubernetes.servers
  const frozen = servers.find(({ name }) => name === machine.name)
  const other = servers.find(({ name }) => name !== machine.name)
  const marker = (lease: string): string => `holdfast-${lease}`
  const both = (): { frozen: ApiServer; other: ApiServer } => {
    if (!frozen || !other) throw new Error(`${machine.name} is not one of several API servers`)
    return { frozen, other }
  }
  return {
    target: { machines: [machine.name], component: 'kube-apiserver' },
    claims: [`${machine.name}/kube-apiserver`],
    available: async () => {
      if (!frozen) return `${machine.name} runs no API server`
      if (!other) return `${machine.name} runs the only API server; the evidence needs a write through another one`
      if (!(await machine.running())) return `${machine.name} is not running`
      const { pid } = await machine.call('state', { component: 'kube-apiserver' })
      return pid === 0 ? `kube-apiserver on ${machine.name} has no process` : undefined
    },
    inject: async ({ id, ttlMs }) => {
      const { frozen, other } = both()
      const name = marker(id)
      await other.objects.create(configMap(name, 'before'))
      await reaches(frozen, name, 'before')
      const params = { table: kernelName(id), members: cluster.etcd.map(clientUrl), ttlMs }
      const facts = await machine.call('take', { lease: id, ttlMs, action: { do: 'freeze-view', params } })
      await write(other, name, 'after')
      await reaches(other, name, 'after')
      const held = await heldBack(machine, id)
      const sees = await cached(frozen, name)
      if (sees !== 'before')
        throw new Error(`the cache of the API server on ${machine.name} contains the write: ${sees}`)
      return [
        {
          proves: `the API server on ${machine.name} answers without a write through ${other.name}`,
          facts: { ...facts, held, wrote: 'after', sees },
        },
      ]
    },
    heal: async ({ id }): Promise<readonly Evidence[]> => {
      const { frozen } = both()
      const name = marker(id)
      const facts = await machine.call('release', { lease: id })
      const sees = await reaches(frozen, name, 'after')
      await cluster.kubernetes.delete(configMap(name, 'after'))
      return [{ proves: `the API server on ${machine.name} answers with the write`, facts: { ...facts, sees } }]
    },
    undo: ({ id }) => [
      { do: 'agent', machine: machine.name },
      undoByKubectl(cluster, ['delete', 'configmap', `--namespace=${namespace}`, '--ignore-not-found', marker(id)]),
    ],
  }
}

function configMap(name: string, value: string): KubernetesObject & { data: Record<string, string> } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { value } }
}

async function write({ objects }: ApiServer, name: string, value: string): Promise<void> {
  const mergePatch = 'application/merge-patch+json'
  await objects.patch(configMap(name, value), undefined, undefined, 'holdfast', undefined, mergePatch)
}

/** Waits until a value is in the API server's cache. */
async function reaches(server: ApiServer, name: string, value: string): Promise<string> {
  return eventually(
    `"${value}" to reach the cache of the API server on ${server.name}`,
    async () => (await cached(server, name)) === value && value,
    { withinMs },
  )
}

/** Waits until the agent holds events of the write back; returns their number. */
async function heldBack(machine: Machine, lease: string): Promise<number> {
  return eventually(
    'the event of the write to be held back',
    async () => Number((await machine.call('proof', { lease }))['held']),
    { withinMs },
  )
}

/** Reads from the API server's cache: `resourceVersion=0` needs no request to etcd. */
async function cached(server: ApiServer, name: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${name}?resourceVersion=0`
  const content = contentOf(await apiRequest(server, 'GET', path, { timeoutMs }))
  return (content as { data?: { value?: string } }).data?.value
}
