import { now } from '../harness/record/clock.ts'
import type { V1Pod } from '@kubernetes/client-node'
import { agnhostPod } from '../harness/cluster/agnhost.ts'
import type { Machine } from '../harness/cluster/machine/machine.ts'
import { scenario, type ScenarioContext } from '../harness/run/scenario.ts'
import { PodMatrix } from '../harness/traffic/pods/pod-matrix.ts'

const seconds = (limit: number) => ({ timeoutMs: limit * 1_000, intervalMs: 200 })

/** Pods on every Node send packets to each other while flannel is down, a Node is cut off, and a machine restarts. */
export default scenario(
  'pod-network',
  {
    describe:
      "Send packets between pods of all Nodes; kill one Node's flanneld, cut another Node off, restart a machine, and remove a Node's CNI configuration",
    topology: 'ha',
    contracts: ['NET-01', 'NET-02', 'NET-04', 'NET-05', 'NET-06', 'NET-07', 'SYS-01', 'SYS-02', 'CP-01'],
  },
  async (context) => {
    const { cluster, faults, traffic, until, choose, step } = context
    const matrix = new PodMatrix('mesh', cluster, traffic.workloads, (record) => context.record(record))
    await matrix.create()
    await until('a pod to be Ready on every Node', () => matrix.isReady(), seconds(60))
    await createServices(context)
    await using _following = matrix.follow()
    const isWhole = async (): Promise<void> => {
      const since = now()
      await until('every pod to reach every pod', () => matrix.isWholeSince(since), seconds(90))
    }
    await isWhole()
    await queryNames(context)

    const others = cluster.workers.filter((machine) => machine !== traffic.clientHost)
    const restarted = choose(others)
    const cutOff = choose(others.filter((machine) => machine !== restarted))
    step(`kill flanneld on ${cutOff.name}`)
    {
      await using _ = await faults.kill({ machine: cutOff, component: 'flanneld' })
      await isWhole()
      await isWhole()
    }
    step(`cut ${cutOff.name} and its pods off`)
    {
      const machines = [cutOff, ...cluster.nodes.filter((machine) => machine !== cutOff)]
      await using _ = await faults.partition(machines, { network: 'cluster' })
      await using __ = await faults.partition(machines, { network: 'pods' })
      const since = now()
      await until('packets to be lost', () => matrix.hasLostSince(since), seconds(10))
    }
    await isWhole()
    step(`restart ${restarted.name}`)
    {
      await using _ = await faults.restartMachine(restarted)
    }
    await isWhole()
    await until('a pod to be Ready on every Node', () => matrix.isReady(), seconds(60))
    step(`remove the CNI configuration of ${cutOff.name}`)
    await startWithoutNetwork(context, cutOff)
    await isWhole()
    await queryNames(context)
  },
)

/** A Service with a cluster IP and a headless one, for the same pods. */
async function createServices({ traffic }: ScenarioContext): Promise<void> {
  await traffic.workloads.serviceOf('mesh', 'mesh', {})
  await traffic.workloads.serviceOf('mesh-pods', 'mesh', { clusterIP: 'None' })
}

/** Resolves both names from every Node. */
async function queryNames({ cluster, traffic }: ScenarioContext): Promise<void> {
  const { namespace } = traffic.workloads
  for (const name of ['mesh', 'mesh-pods']) {
    const service = { metadata: { namespace, name } }
    await Promise.all(cluster.nodes.map((machine) => traffic.queries.name(machine, service)))
  }
}

/** A pod is bound to a Node without a CNI configuration, and starts once that returns. */
async function startWithoutNetwork(context: ScenarioContext, machine: Machine): Promise<void> {
  const { cluster, faults, traffic, until } = context
  const { namespace } = traffic.workloads
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'waiting', namespace } }
  const isReady = async (): Promise<boolean> => {
    const { status } = await cluster.kubernetes.read<V1Pod>(pod)
    return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
  }
  {
    await using _ = await faults.removeCni(machine)
    await until(`${machine.name} to be NotReady`, async () => !(await cluster.nodeReady(machine)), seconds(60))
    await traffic.workloads.apply({ ...pod, spec: { ...agnhostPod(), nodeName: machine.name } })
    await until(
      'the kubelet to report that the pod waits',
      async () => {
        const { status } = await cluster.kubernetes.read<V1Pod>(pod)
        return status?.conditions?.some(({ type }) => type === 'ContainersReady')
      },
      seconds(20),
    )
  }
  await until(`${machine.name} to be Ready`, () => cluster.nodeReady(machine), seconds(60))
  await until('the pod to be Ready', isReady, seconds(60))
}
