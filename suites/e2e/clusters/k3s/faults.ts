import type { V1Pod } from '@kubernetes/client-node'
import type { Cluster } from '../../../../harness/cluster/cluster.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { serviceNetwork } from '../../../../harness/cluster/machine/machine-spec.ts'
import type { ContainerRef } from '../../../../harness/faults/engine/fault-kind.ts'
import type { ActiveFault } from '../../../../harness/faults/engine/fault.ts'
import type { Faults } from '../../../../harness/faults/catalogue/faults.ts'
import { isolated } from '../../../../harness/faults/network/grudges.ts'

/** A cluster of one machine of each kind, with its faults. */
export interface FaultTestContext {
  readonly cluster: Cluster
  readonly faults: Faults
  readonly etcd: Machine
  readonly server: Machine
  readonly worker: Machine
}

const dns = { namespace: 'kube-system', selector: 'k8s-app=kube-dns' } as const
const dnsPort = 53
/** An unused address in the pod network. */
const absent = '10.244.255.250'

async function dnsPods({ cluster }: Pick<FaultTestContext, 'cluster'>): Promise<V1Pod[]> {
  const pods = await cluster.kubernetes.list<V1Pod>('v1', 'Pod', dns.namespace, dns.selector)
  return pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
}

export async function dnsReady(cluster: Cluster): Promise<boolean> {
  const pods = await dnsPods({ cluster })
  const ready = pods.filter(({ status }) =>
    status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  )
  return pods.length > 0 && ready.length === pods.length
}

/** Whether flannel has written all routes. Before that, the residue check would report them. */
export async function routed({ nodes }: Cluster): Promise<boolean> {
  const complete = nodes.map(async (node) => {
    const { stdout } = await node.call('exec', { argv: ['ip', 'route'], timeoutMs: 5_000 })
    return nodes.every((other) => other === node || stdout.includes(other.spec.podRange ?? ''))
  })
  return (await Promise.all(complete)).every(Boolean)
}

async function coreDns(on: FaultTestContext): Promise<ContainerRef & { readonly address: string }> {
  const [pod] = await dnsPods(on)
  const { nodeName = '' } = pod?.spec ?? {}
  return {
    machine: on.cluster.machine(nodeName),
    namespace: dns.namespace,
    pod: pod?.metadata?.name ?? '',
    container: 'coredns',
    address: pod?.status?.podIP ?? '',
  }
}

/** Slows CoreDNS down under queries: an idle container is never throttled. */
async function slowedDown(on: FaultTestContext): Promise<ActiveFault> {
  const { address, ...ref } = await coreDns(on)
  const query = { server: address, name: 'kubernetes.default.svc.cluster.local', timeoutMs: 1_000 }
  let querying = true
  const client = async (): Promise<void> => {
    while (querying) await ref.machine.call('resolve', query).catch(() => undefined)
  }
  const clients = Promise.all(Array.from({ length: 20 }, client))
  try {
    return await on.faults.slowContainer(ref, { percent: 1 })
  } finally {
    querying = false
    await clients
  }
}

/** Every revertible fault that applies to a k3s cluster of one machine of each kind, by name. */
export const faultsOnK3s: readonly (readonly [name: string, inject: (on: FaultTestContext) => Promise<ActiveFault>])[] =
  [
    ['stop', ({ faults, worker }) => faults.stop({ machine: worker, component: 'k3s-agent' })],
    ['kill-machine', ({ faults, server }) => faults.killMachine(server)],
    ['freeze-machine', ({ faults, worker }) => faults.freezeMachine(worker)],
    ['freeze-machine of a server', ({ faults, server }) => faults.freezeMachine(server)],
    ['power-off', ({ faults, worker }) => faults.powerOff(worker)],
    ['restart-machine', ({ faults, server }) => faults.restartMachine(server)],
    ['unplug-machine', ({ faults, worker }) => faults.unplugMachine(worker)],
    ['add-worker', ({ faults }) => faults.addWorker()],
    [
      'crash-loop',
      ({ faults, worker }) => faults.crashLoop({ machine: worker, component: 'k3s-agent' }, { everyMs: 2_000 }),
    ],
    ['slow', ({ faults, worker }) => faults.slow({ machine: worker, component: 'k3s-agent' }, { percent: 5 })],
    ['kill-container', async (on) => on.faults.killContainer(await coreDns(on))],
    [
      'kill-container of a sandbox',
      async (on) => on.faults.killContainer({ ...(await coreDns(on)), container: 'pause' }),
    ],
    ['stop-container', async (on) => on.faults.stopContainer(await coreDns(on))],
    ['pause-container', async (on) => on.faults.pauseContainer(await coreDns(on))],
    ['crash-loop-container', async (on) => on.faults.crashLoopContainer(await coreDns(on), { everyMs: 200 })],
    ['slow-container', slowedDown],
    ['partition', ({ faults, worker, server }) => faults.partition(isolated(worker, [server]), { network: 'cluster' })],
    [
      'impair',
      ({ faults, worker, server }) =>
        faults.impair(isolated(worker, [server]), { network: 'cluster', latency: '50ms' }),
    ],
    ['half-open', ({ faults, worker, server }) => faults.halfOpen(isolated(worker, [server]))],
    ['dns-failure', ({ faults, worker }) => faults.dnsFailure([worker])],
    ['flush-proxy', ({ faults, worker }) => faults.flushProxy(worker)],
    ['flush-proxy of everything', ({ faults, worker }) => faults.flushProxy(worker, { what: 'tables' })],
    [
      'delete-rule',
      ({ faults, worker }) =>
        faults.deleteRule(worker, { address: serviceNetwork.dns, protocol: 'udp', port: dnsPort }),
    ],
    [
      'stale-conntrack',
      ({ faults, worker, server }) =>
        faults.staleConntrack(worker, {
          client: server.spec.address,
          clientPort: 40_000,
          service: serviceNetwork.dns,
          servicePort: dnsPort,
          endpoint: absent,
          endpointPort: dnsPort,
        }),
    ],
    ['remove-cni', ({ faults, worker }) => faults.removeCni(worker)],
    ['delete-routes', ({ faults, worker }) => faults.deleteRoutes(worker)],
    ['stall-disk', ({ faults, etcd }) => faults.stallDisk(etcd)],
    ['slow-disk', ({ faults, etcd }) => faults.slowDisk(etcd, { frozenMs: 300, thawedMs: 700 })],
    ['fill-disk', ({ faults, etcd }) => faults.fillDisk(etcd)],
    ['quota-alarm', ({ faults, etcd }) => faults.quotaAlarm(etcd)],
    ['hog-cpu', ({ faults, worker }) => faults.hogCpu(worker)],
    ['hog-memory', ({ faults, worker }) => faults.hogMemory(worker)],
    ['api-flood', ({ faults, server }) => faults.apiFlood(server)],
    ['event-storm', ({ faults, server }) => faults.eventStorm(server)],
    ['delete-node', ({ faults, worker }) => faults.deleteNode(worker)],
    ['delete-node of a server', ({ faults, server }) => faults.deleteNode(server)],
    ['cordon', ({ faults, worker }) => faults.cordon(worker)],
    ['taint', ({ faults, worker }) => faults.taint(worker)],
    ['drain', ({ faults, worker }) => faults.drain(worker, { timeoutSeconds: 60 })],
    ['delete-pods', ({ faults }) => faults.deletePods(dns)],
    ['force-delete', ({ faults }) => faults.forceDelete(dns)],
    ['evict', ({ faults }) => faults.evict(dns)],
  ]
