import type { KubernetesObject } from '@kubernetes/client-node'
import { z } from 'zod'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { contentOf } from '../../cluster/api/api-answer.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { FaultBody } from '../engine/fault.ts'
import { undoByKubectl } from '../kube-api/kubectl.ts'

interface ApiLoad {
  /** Requests a second, independent of the answers. */
  readonly perSecond: number
  /** Limit of unanswered requests. */
  readonly concurrency: number
}

/** Options with the defaults of a fault. */
export const loadOptions = ({ perSecond, concurrency }: ApiLoad) =>
  z.object({
    perSecond: z.number().positive().default(perSecond).describe('requests a second'),
    concurrency: z
      .number()
      .int()
      .positive()
      .default(concurrency)
      .describe('limit of unanswered requests; further ones are skipped'),
  })

export const loadEnded =
  'the load generator has no processes, and the namespace with its account and objects is deleted'

/** Counters of the load generator that confirm the effect. */
interface Proof {
  readonly confirmed: string
  readonly by: (seen: Readonly<Record<string, number>>) => boolean
}

/** Content of each list: one megabyte in total. */
const ballast = { objects: 20, bytes: 50_000 } as const
const withinMs = 60_000
const timeoutMs = 10_000
const tokenSeconds = 3_600

export function apiLoadFault(
  what: 'lists' | 'events',
  cluster: Cluster,
  machine: Machine,
  load: ApiLoad,
  proof: Proof,
): FaultBody {
  // The load comes from another machine, so that its client does not compete with the API server.
  const from = [...cluster.nodes].reverse().find((node) => node !== machine)
  const namespaceOf = (id: string): string => `holdfast-${id}`
  return {
    target: { machines: [machine.name], component: 'kube-apiserver' },
    available: async () => {
      if (!servesTheApi(machine)) return `${machine.name} runs no API server`
      if (!from) return 'no other machine can generate the load'
      return (await from.running()) ? undefined : `${from.name}, the load generator, is not running`
    },
    inject: async ({ id, ttlMs, signal }) => {
      if (!from) throw new Error('no other machine can generate the load')
      const namespace = namespaceOf(id)
      await cluster.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
      const objects = [...loadObjects(namespace), ...(what === 'lists' ? ballastIn(namespace) : [])]
      await Promise.all(objects.map((object) => cluster.kubernetes.apply(object)))
      const token = await tokenFor(cluster, namespace)
      const server = `https://${machine.spec.address}:6443`
      const action = {
        do: 'api-load',
        params: { name: namespace, server, token, namespace, what, ttlMs, ...load },
      } as const
      const facts = await from.call('apply', { id, ttlMs, action })
      const seen = await provenBy(from, id, proof, signal)
      return [{ proves: proof.confirmed, facts: { ...facts, from: from.name, ...seen } }]
    },
    heal: async ({ id }) => {
      const facts = (await from?.call('revert', { id })) ?? {}
      await deleteNamespace(cluster, namespaceOf(id))
      return [{ proves: 'the load generator has ended, and its namespace is deleted', facts }]
    },
    undo: ({ id }) => [
      ...(from ? [{ do: 'agent' as const, machine: from.name }] : []),
      undoByKubectl(cluster, ['delete', 'namespace', '--ignore-not-found', '--wait=false', namespaceOf(id)]),
    ],
  }
}

async function provenBy(
  from: Machine,
  id: string,
  { confirmed, by }: Proof,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, number>>> {
  return eventually(
    `proof that ${confirmed}`,
    async () => {
      const seen = (await from.call('evidence', { id })) as Record<string, number>
      if (by(seen)) return seen
      const counts = Object.entries(seen).map(([what, count]) => `${what} ${count}`)
      throw new Error(counts.join(', '))
    },
    { timeoutMs: withinMs, intervalMs: 50, signal },
  )
}

async function deleteNamespace({ kubernetes }: Cluster, name: string): Promise<void> {
  await kubernetes.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await eventually(
    `deletion of the namespace ${name}`,
    async () => !(await kubernetes.list('v1', 'Namespace')).some(({ metadata }) => metadata?.name === name),
    { timeoutMs: withinMs, intervalMs: 250 },
  )
}

/** As a separate process, or embedded in another one. */
function servesTheApi({ spec }: Machine): boolean {
  return spec.role === 'control-plane'
}

const account = 'load'

/** A service account with only the required permissions. */
function loadObjects(namespace: string): KubernetesObject[] {
  const metadata = { name: account, namespace }
  const rules = [{ apiGroups: [''], resources: ['configmaps', 'events'], verbs: ['list', 'create'] }]
  const rbac = 'rbac.authorization.k8s.io'
  const objects: (KubernetesObject & Record<string, unknown>)[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
  ]
  return objects
}

function ballastIn(namespace: string): KubernetesObject[] {
  return Array.from({ length: ballast.objects }, (_, n) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `ballast-${n}`, namespace },
    data: { ballast: 'x'.repeat(ballast.bytes) },
  }))
}

async function tokenFor({ kubernetes }: Cluster, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  const spec = { expirationSeconds: tokenSeconds }
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
  const response = await Promise.any(
    kubernetes.servers.map(async (server) => {
      const answer = await apiRequest(server, 'POST', path, { body, timeoutMs })
      return contentOf(answer, 201) as { status: { token: string } }
    }),
  )
  return response.status.token
}
