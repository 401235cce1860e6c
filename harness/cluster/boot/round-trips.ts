import type { V1Pod, V1Service } from '@kubernetes/client-node'
import { eventually } from '../../common/eventually.ts'
import { agnhostPod, agnhostPorts, agnhostServicePorts, servicePorts } from '../agnhost.ts'
import type { Machine } from '../machine/machine.ts'
import type { BootContext } from './boot-context.ts'

/** The namespace of a boot's own checks. Its pods are gone when the cluster is handed over; the rest follows. */
export const checksNamespace = 'holdfast-ready'
const namespace = checksNamespace

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'ready', namespace } }
const labels = { app: 'ready' }
const oneAttempt = { service: `${namespace}/ready`, timeoutMs: 500, attempts: 1, concurrency: 1 } as const

interface CheckPod {
  readonly name: string
  readonly host: Machine
  readonly address: string
}

/** Waits until a pod reaches a pod on another machine, and a Service answers on every Node. */
export async function roundTrips(context: BootContext): Promise<void> {
  const { kubernetes, machines, seen } = context
  const nodes = machines.filter(({ node }) => node)
  const workers = nodes.filter(({ spec }) => spec.role === 'worker')
  const hosts = [workers[0] ?? nodes[0], workers[1] ?? nodes[0]].filter((machine) => machine !== undefined)
  await kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await kubernetes.apply({ ...service, spec: { selector: labels, ports: agnhostServicePorts } } as never)
  const [from, to] = await Promise.all(hosts.map((host, n) => startCheckPod(`ready-${n + 1}`, host, context)))
  if (!from || !to) throw new Error('a cluster without Nodes cannot be ready')
  await podReachesPod(from, to, context)
  seen('a pod reaches a pod on another machine')
  await serviceAnswers(nodes, context)
  seen('a Service answers on every Node')
  await kubernetes.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
}

/** Waits until the check's own pods are gone: what is watched from here on belongs to the scenarios. The empty namespace follows. */
export async function checkPodsGone({ kubernetes, withinMs, signal }: BootContext): Promise<void> {
  await eventually(
    `the pods of ${namespace} to be gone`,
    async () => (await kubernetes.list('v1', 'Pod', namespace)).length === 0,
    { timeoutMs: withinMs, signal },
  )
}

/** Binds the pod by the machine's name, so that only kubelet, runtime and network are tested. */
async function startCheckPod(
  name: string,
  host: Machine,
  { kubernetes, withinMs, signal }: BootContext,
): Promise<CheckPod> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels } }
  // Refused until the controller manager has made the namespace's service account.
  await eventually(
    'the namespace to accept pods',
    async () => {
      await kubernetes.apply({ ...pod, spec: { ...agnhostPod({ graceSeconds: 0 }), nodeName: host.name } } as never)
      return true
    },
    { timeoutMs: withinMs, signal },
  )
  const address = await eventually(
    `pod ${name} to be Ready`,
    async () => {
      const { status } = await kubernetes.read<V1Pod>(pod)
      return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ? status.podIP : undefined
    },
    { timeoutMs: withinMs, signal },
  )
  return { name, host, address }
}

async function podReachesPod(from: CheckPod, to: CheckPod, { withinMs, signal }: BootContext): Promise<void> {
  const pod = { namespace, name: from.name }
  const path = { from: `pod:${from.name}`, protocol: 'tcp', address: to.address, port: agnhostPorts.tcp } as const
  await from.host.call('enterPod', { namespace, pod: from.name })
  await eventually(
    `pod ${from.name} to reach pod ${to.name}`,
    async () => (await from.host.callInPod(pod, 'sample', { ...oneAttempt, ...path })).failed === 0,
    { timeoutMs: withinMs, signal },
  )
  await from.host.call('leavePods', {})
}

async function serviceAnswers(nodes: readonly Machine[], { kubernetes, withinMs, signal }: BootContext): Promise<void> {
  const { spec } = await kubernetes.read<V1Service>(service)
  const address = spec?.clusterIP ?? ''
  const answersOver = (machine: Machine, protocol: 'tcp' | 'udp'): Promise<boolean> => {
    const path = { from: machine.name, protocol, address, port: servicePorts[protocol] }
    return eventually(
      `the Service to answer ${protocol.toUpperCase()} on ${machine.name}`,
      async () => (await machine.call('sample', { ...oneAttempt, ...path })).failed === 0,
      { timeoutMs: withinMs, signal },
    )
  }
  await Promise.all(nodes.flatMap((machine) => [answersOver(machine, 'tcp'), answersOver(machine, 'udp')]))
}
