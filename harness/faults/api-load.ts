import type { KubernetesObject } from '@kubernetes/client-node'
import { z } from 'zod'
import { apiRequest } from '../cluster/api-request.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { beginningOf, jsonIn } from '../cluster/json-answer.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { undoByKubectl } from './kubectl.ts'
import { requirePositive } from './settings.ts'

export interface ApiLoad {
  /** How many requests are made each second, whether or not they are answered. */
  readonly perSecond: number
  /** How many may be unanswered at once. */
  readonly concurrency: number
}

/**
 * More at once than an API server's own limits let in (600 by its flags) and queue for one account (6 queues of 50), and as many on the way
 * on a busy host: then it turns away. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
const floodDefaults: ApiLoad = { perSecond: 400, concurrency: 1600 }
const stormDefaults: ApiLoad = { perSecond: 100, concurrency: 100 }

/**
 * One service account asks one API server for large lists, far more often than it can answer. Bitten: the API server has
 * turned some away with 429 (priority and fairness).
 */
export function apiFlood(cluster: Cluster, machine: Machine, load: Partial<ApiLoad> = {}): Fault {
  return apiLoad(
    'api-flood',
    'lists',
    cluster,
    machine,
    { ...floodDefaults, ...load },
    {
      bit: `the API server on ${machine.name} turns requests away`,
      by: ({ throttled = 0 }) => throttled > 0,
    },
  )
}

/** One service account creates Events through one API server, as fast as it is told. Bitten: two seconds' worth were taken. */
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

/** What each list is made of: a megabyte in all. */
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
  // From another machine, so that it is the API server that is loaded and not what loads it.
  const from = [...cluster.nodes].reverse().find((node) => node !== machine)
  const namespaceOf = (lease: string): string => `holdfast-${lease}`
  return {
    name,
    target: { machines: [machine.name], component: 'kube-apiserver' },
    available: async () => {
      if (!servesTheApi(machine)) return `${machine.name} is no API server`
      if (!from) return 'there is no other machine that the load could come from'
      return (await from.running()) ? undefined : `${from.name}, from which the load would come, does not run`
    },
    inject: async ({ id, ttlMs, signal }) => {
      if (!from) throw new Error('there is no machine that the load could come from')
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
        `the namespace ${namespaceOf(id)} to be gone`,
        async () =>
          !(await cluster.kubernetes.list('v1', 'Namespace')).some(
            ({ metadata }) => metadata?.name === namespace.metadata.name,
          ),
        { withinMs, everyMs: 250 },
      )
      return [{ proves: 'no more requests are made, and what they were made with is gone', facts }]
    },
    undo: ({ id }) => [
      ...(from ? [{ do: 'agent' as const, machine: from.name }] : []),
      undoByKubectl(cluster, ['delete', 'namespace', '--ignore-not-found', '--wait=false', namespaceOf(id)]),
    ],
  }
}

/** By itself, or inside another process, which can be loaded all the same. */
function servesTheApi({ spec }: Machine): boolean {
  return spec.role === 'control-plane'
}

const account = 'load'

/** An account that may do no more than what it is there for. */
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
  const asked = await Promise.any(
    kubernetes.servers.map(async (server) => {
      const answer = await apiRequest(server, 'POST', path, { body, timeoutMs })
      if (answer.status !== 201) throw new Error(`${answer.status} ${beginningOf(answer.body)}`)
      return jsonIn(answer) as { status: { token: string } }
    }),
  )
  return asked.status.token
}

const options = ({ perSecond, concurrency }: ApiLoad) =>
  z.object({
    perSecond: z.number().positive().default(perSecond).describe('how many requests are made each second'),
    concurrency: z
      .number()
      .int()
      .positive()
      .default(concurrency)
      .describe('how many may be unanswered at once; what is due beyond is left out'),
  })

const ended = "the program's processes are gone, and so is the namespace with the account and all that it made"

export const apiFloodKind = faultKind({
  name: 'api-flood',
  group: 'load',
  describe: 'Asks one API server for large lists as one service account, more often than it can answer',
  hits: 'machine',
  evidence: { bit: 'at least one request was answered with 429', ended },
  options: options(floodDefaults),
  make: (machine, load, { cluster }) => apiFlood(cluster, machine, load),
})

export const eventStormKind = faultKind({
  name: 'event-storm',
  group: 'load',
  describe: 'Creates Events through one API server as one service account',
  hits: 'machine',
  evidence: { bit: "two seconds' worth of Events were created", ended },
  options: options(stormDefaults),
  make: (machine, load, { cluster }) => eventStorm(cluster, machine, load),
})
