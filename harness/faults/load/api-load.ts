import type { KubernetesObject } from '@kubernetes/client-node'
import { z } from 'zod'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { contentOf } from '../../cluster/api/api-answer.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { undoByKubectl } from '../kube-api/kubectl.ts'
import { requirePositive } from '../engine/settings.ts'

export interface ApiLoad {
  /** Requests a second, independent of the answers. */
  readonly perSecond: number
  /** Limit of unanswered requests. */
  readonly concurrency: number
}

/**
 * More than the API server executes (600 by its flags) plus queues for one account (6 queues of 50), with a margin for a busy
 * host: it then answers 429. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
const floodDefaults: ApiLoad = { perSecond: 400, concurrency: 1600 }
const stormDefaults: ApiLoad = { perSecond: 100, concurrency: 100 }

/**
 * One service account sends list requests to one API server, faster than it can answer. Effect confirmed: the API server has
 * answered some with 429 (priority and fairness).
 */
export function apiFlood(cluster: Cluster, machine: Machine, load: Partial<ApiLoad> = {}): Fault {
  return apiLoad(
    'api-flood',
    'lists',
    cluster,
    machine,
    { ...floodDefaults, ...load },
    {
      bit: `the API server on ${machine.name} rejects requests with 429`,
      by: ({ throttled = 0 }) => throttled > 0,
    },
  )
}

/** One service account creates Events through one API server. Effect confirmed: two seconds' worth of Events exist. */
export function eventStorm(cluster: Cluster, machine: Machine, load: Partial<ApiLoad> = {}): Fault {
  const { perSecond, concurrency } = { ...stormDefaults, ...load }
  return apiLoad(
    'event-storm',
    'events',
    cluster,
    machine,
    { perSecond, concurrency },
    {
      bit: `Events are created through ${machine.name}`,
      by: ({ succeeded = 0 }) => succeeded >= perSecond * 2,
    },
  )
}

/** Content of each list: one megabyte in total. */
const ballast = { objects: 20, bytes: 50_000 } as const
const withinMs = 60_000
const timeoutMs = 10_000
const tokenSeconds = 3_600

function apiLoad(
  name: string,
  what: 'lists' | 'events',
  cluster: Cluster,
  machine: Machine,
  load: ApiLoad,
  proof: { readonly bit: string; readonly by: (seen: Readonly<Record<string, number>>) => boolean },
): Fault {
  requirePositive(name, load)
  // The load comes from another machine, so that its client does not compete with the API server.
  const from = [...cluster.nodes].reverse().find((node) => node !== machine)
  const namespaceOf = (lease: string): string => `holdfast-${lease}`
  return {
    name,
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
      const objects = [...surroundings(namespace), ...(what === 'lists' ? ballastIn(namespace) : [])]
      await Promise.all(objects.map((object) => cluster.kubernetes.apply(object)))
      const token = await tokenFor(cluster, namespace)
      const server = `https://${machine.spec.address}:6443`
      const action = {
        do: 'api-load',
        params: { name: namespace, server, token, namespace, what, ttlMs, ...load },
      } as const
      const facts = await from.call('take', { lease: id, ttlMs, action })
      const seen = await eventually(
        `proof that ${proof.bit}`,
        async () => {
          const seen = (await from.call('proof', { lease: id })) as Record<string, number>
          if (proof.by(seen)) return seen
          throw new Error(
            Object.entries(seen)
              .map(([what, count]) => `${what} ${count}`)
              .join(', '),
          )
        },
        { withinMs, everyMs: 50, signal },
      )
      return [{ proves: proof.bit, facts: { ...facts, from: from.name, ...seen } }]
    },
    heal: async ({ id }) => {
      const facts = (await from?.call('release', { lease: id })) ?? {}
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(id) } }
      await cluster.kubernetes.delete(namespace)
      await eventually(
        `deletion of the namespace ${namespaceOf(id)}`,
        async () =>
          !(await cluster.kubernetes.list('v1', 'Namespace')).some(
            ({ metadata }) => metadata?.name === namespace.metadata.name,
          ),
        { withinMs, everyMs: 250 },
      )
      return [{ proves: 'the load generator has ended, and its namespace is deleted', facts }]
    },
    undo: ({ id }) => [
      ...(from ? [{ do: 'agent' as const, machine: from.name }] : []),
      undoByKubectl(cluster, ['delete', 'namespace', '--ignore-not-found', '--wait=false', namespaceOf(id)]),
    ],
  }
}

/** As a separate process, or embedded in another one. */
function servesTheApi({ spec }: Machine): boolean {
  return spec.role === 'control-plane'
}

const account = 'load'

/** A service account with only the required permissions. */
function surroundings(namespace: string): KubernetesObject[] {
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

const options = ({ perSecond, concurrency }: ApiLoad) =>
  z.object({
    perSecond: z.number().positive().default(perSecond).describe('requests a second'),
    concurrency: z
      .number()
      .int()
      .positive()
      .default(concurrency)
      .describe('limit of unanswered requests; further ones are skipped'),
  })

const ended = 'the load generator has no processes, and the namespace with its account and objects is deleted'

export const apiFloodKind = faultKind({
  name: 'api-flood',
  group: 'load',
  describe: 'Sends requests for large lists to one API server as one service account, faster than it can answer',
  hits: 'machine',
  evidence: { bit: 'the API server has answered at least one request with 429', ended },
  options: options(floodDefaults),
  make: (machine, load, { cluster }) => apiFlood(cluster, machine, load),
})

export const eventStormKind = faultKind({
  name: 'event-storm',
  group: 'load',
  describe: 'Creates Events through one API server as one service account',
  hits: 'machine',
  evidence: { bit: "two seconds' worth of Events are created", ended },
  options: options(stormDefaults),
  make: (machine, load, { cluster }) => eventStorm(cluster, machine, load),
})
