import type { V1Lease, V1Node, V1Pod, V1Service } from '@kubernetes/client-node'
import { eventually } from '../../common/eventually.ts'
import { agnhostPod, agnhostPorts, agnhostServicePorts, servicePorts } from '../agnhost.ts'
import type { Kubernetes } from '../api/kubernetes.ts'
import type { Machine } from '../machine/machine.ts'
import { serviceNetwork } from '../machine/machine-spec.ts'

export interface ReadinessContext {
  readonly kubernetes: Kubernetes
  readonly machines: readonly Machine[]
  /** The Leases that have to have a holder. */
  readonly elections: readonly string[]
  readonly withinMs: number
  readonly signal: AbortSignal
  /** Called when each fact is observed. */
  readonly seen: (what: string) => void
}

/**
 * Waits for the facts that make a cluster ready: Nodes Ready, names resolved on every Node, a pod that reaches a pod on
 * another machine, and a Service that answers on every Node. Log lines prove nothing. The elections are awaited separately:
 * what follows from them starts as soon as they are held.
 */
export async function ready(context: ReadinessContext): Promise<void> {
  await Promise.all([nodesReady(context), roundTrips(context), namesResolve(context)])
}

/** Waits until every election has a holder. */
export async function leasesHeld({ kubernetes, elections, withinMs, signal, seen }: ReadinessContext): Promise<void> {
  await Promise.all(
    elections.map(async (name) => {
      await eventually(
        `a holder of the Lease ${name}`,
        async () => {
          const lease = await kubernetes.read<V1Lease>({
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: { name, namespace: 'kube-system' },
          })
          return Boolean(lease.spec?.holderIdentity)
        },
        { withinMs, signal, everyMs: 100 },
      )
      seen(`${name} leads`)
    }),
  )
}

async function nodesReady({ kubernetes, machines, withinMs, signal, seen }: ReadinessContext): Promise<void> {
  const expected = machines.filter(({ node }) => node).length
  await eventually(
    `${expected} Nodes to be Ready`,
    async () => {
      const nodes = await kubernetes.list<V1Node>('v1', 'Node')
      const ready = nodes.filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      if (ready.length < expected) throw new Error(`${ready.length} of ${expected} Nodes are Ready`)
      return true
    },
    { withinMs, signal, everyMs: 100 },
  )
  seen(`${expected} Nodes are Ready`)
}

async function namesResolve({ machines, withinMs, signal, seen }: ReadinessContext): Promise<void> {
  await Promise.all(
    machines
      .filter(({ node }) => node)
      .map((machine) =>
        eventually(
          `DNS on ${machine.name}`,
          async () => {
            const { addresses } = await machine.call('resolve', {
              server: serviceNetwork.dns,
              name: 'kubernetes.default.svc.cluster.local',
              timeoutMs: 500,
            })
            return addresses.includes(serviceNetwork.apiServer)
          },
          { withinMs, signal, everyMs: 100 },
        ),
      ),
  )
  seen('DNS answers on every Node')
}

/** The namespace of a boot's own checks. Its pods are gone when the cluster is handed over; the rest follows. */
export const checksNamespace = 'holdfast-ready'
const namespace = checksNamespace

/** Two pods on two machines, bound by name so that only kubelet, runtime and network are tested. */
async function roundTrips({ kubernetes, machines, withinMs, signal, seen }: ReadinessContext): Promise<void> {
  const nodes = machines.filter(({ node }) => node)
  const workers = nodes.filter(({ spec }) => spec.role === 'worker')
  const hosts = [workers[0] ?? nodes[0], workers[1] ?? nodes[0]].filter((machine) => machine !== undefined)
  const labels = { app: 'ready' }
  await kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'ready', namespace } }
  await kubernetes.apply({ ...service, spec: { selector: labels, ports: agnhostServicePorts } } as never)
  const pods = await Promise.all(
    hosts.map(async (host, n) => {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `ready-${n + 1}`, namespace, labels } }
      // Refused until the controller manager has made the namespace's service account.
      await eventually(
        'the namespace to accept pods',
        async () => {
          await kubernetes.apply({ ...pod, spec: { ...agnhostPod({ graceSeconds: 0 }), nodeName: host.name } } as never)
          return true
        },
        { withinMs, signal },
      )
      const address = await eventually(
        `pod ${pod.metadata.name} to be Ready`,
        async () => {
          const { status } = await kubernetes.read<V1Pod>(pod)
          return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')
            ? status.podIP
            : undefined
        },
        { withinMs, signal },
      )
      return { name: pod.metadata.name, host, address }
    }),
  )
  const [from, to] = pods
  if (!from || !to) throw new Error('a cluster without Nodes cannot be ready')
  await from.host.call('enterPod', { namespace, pod: from.name })
  const base = { service: `${namespace}/ready`, timeoutMs: 500, attempts: 1, concurrency: 1 } as const
  await eventually(
    `pod ${from.name} to reach pod ${to.name}`,
    async () => {
      const spec = {
        ...base,
        from: `pod:${from.name}`,
        protocol: 'tcp' as const,
        address: to.address,
        port: agnhostPorts.tcp,
      }
      return (await from.host.callInPod({ namespace, name: from.name }, 'sample', spec)).failed === 0
    },
    { withinMs, signal },
  )
  await from.host.call('leavePods', {})
  seen('a pod reaches a pod on another machine')
  const { spec } = await kubernetes.read<V1Service>(service)
  const address = spec?.clusterIP ?? ''
  await Promise.all(
    nodes.flatMap((machine) =>
      (['tcp', 'udp'] as const).map((protocol) =>
        eventually(
          `the Service to answer ${protocol.toUpperCase()} on ${machine.name}`,
          async () =>
            (
              await machine.call('sample', {
                ...base,
                from: machine.name,
                protocol,
                address,
                port: servicePorts[protocol],
              })
            ).failed === 0,
          { withinMs, signal },
        ),
      ),
    ),
  )
  seen('a Service answers on every Node')
  await kubernetes.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
}

/** Waits until the check's own pods are gone: what is watched from here on belongs to the scenarios. The empty namespace follows. */
export async function checksGone({ kubernetes, withinMs, signal }: ReadinessContext): Promise<void> {
  await eventually(
    `the pods of ${namespace} to be gone`,
    async () => (await kubernetes.list('v1', 'Pod', namespace)).length === 0,
    { withinMs, signal },
  )
}
