import type { V1Pod } from '@kubernetes/client-node'
import { now } from '../harness/record/clock.ts'
import { type ScenarioContext, scenario } from '../harness/run/scenario.ts'
import { silentMachines } from './silent-node/silent-machines.ts'
import { statefulPod, tolerantDeployment } from './silent-node/workloads.ts'

const waitOptions = { timeoutMs: 180_000, intervalMs: 200 } as const
const shortSeconds = 10
/** Long enough for the return of Nodes after the eviction of the other pods; a Node is tainted up to 10 s after another one of its zone. */
const longSeconds = 45
const evictionMs = 6_000

/** Three Nodes are silent for different reasons, and the object of a fourth one is deleted. */
export default scenario(
  'silent-node',
  {
    describe:
      'Kill a kubelet, freeze a machine, cut another one off from the API, and delete a Node; two return, one is declared out of service',
    topology: 'wide',
    contracts: [
      'CM-01',
      'CM-06',
      'KLET-01',
      'KLET-05',
      'KLET-06',
      'NODE-01',
      'NODE-02',
      'NODE-03',
      'NODE-04',
      'NODE-05',
      'NODE-06',
      'NODE-08',
      'NODE-10',
      'SCHED-01',
      'SCHED-05',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async (context) => {
    const { cluster, faults, traffic, until, attempt, consistently, step } = context
    const { dead, deleted, frozen, separated } = silentMachines(cluster, traffic.clientHost)
    const silent = [dead, frozen, separated]
    const { workloads } = traffic
    const replicas = cluster.workers.length
    await tolerantDeployment(workloads, 'short', { replicas, seconds: shortSeconds })
    await tolerantDeployment(workloads, 'long', { replicas, seconds: longSeconds })
    await statefulPod(workloads, 'identity', dead)
    await traffic.rolloutComplete('short')
    await traffic.rolloutComplete('long')
    await until('the stateful pod to be Ready', () => workloads.isAnyReady('identity'), waitOptions)

    step(`delete the Node ${deleted.name}; silence ${silent.map(({ name }) => name).join(', ')}`)
    await using removal = await faults.deleteNode(deleted)
    await using deadKubelet = await faults.kill({ machine: dead, component: 'kubelet' })
    await using partition = await faults.partition([separated, ...cluster.controlPlane])
    await using freeze = await faults.freezeMachine(frozen)
    for (const machine of silent) {
      await until(
        `${machine.name} to be tainted for eviction`,
        () => cluster.isTaintedUnreachable(machine),
        waitOptions,
      )
    }
    const taintedAt = now()
    await attempt('short pods of silent Nodes to be replaced', () => traffic.rolloutComplete('short'))

    step(`${dead.name} is out of service; ${frozen.name} and ${separated.name} return`)
    await using outOfService = await faults.taint(dead, {
      key: 'node.kubernetes.io/out-of-service',
      effect: 'NoExecute',
    })
    await freeze.heal()
    await partition.heal()
    for (const machine of [frozen, separated]) {
      await until(`${machine.name} to be Ready`, () => cluster.nodeReady(machine), waitOptions)
    }
    await until(`the pods of ${dead.name} to be gone`, () => isEmpty(context, dead.name), waitOptions)
    await until('the stateful pod to be Ready elsewhere', () => workloads.isAnyReady('identity'), waitOptions)
    await outOfService.heal()
    await deadKubelet.heal()
    await until(`${dead.name} to be Ready`, () => cluster.nodeReady(dead), waitOptions)

    step(`wait until the pods of ${deleted.name} are collected and the tolerations have expired`)
    await until(`the pods of ${deleted.name} to be gone`, () => isEmpty(context, deleted.name), waitOptions)
    const returned = await podsOn(context, frozen.name, separated.name)
    await consistently(
      'no pod of a Node that returned is deleted',
      async () => isPart(returned, await podsOn(context, frozen.name, separated.name)),
      {
        forMs: Math.max(0, taintedAt + longSeconds * 1_000 + evictionMs - now()),
        intervalMs: 1_000,
      },
    )
    await removal.heal()
    await traffic.rolloutComplete('short')
    await traffic.rolloutComplete('long')
  },
)

async function podsOn(
  { cluster, traffic }: ScenarioContext,
  ...nodes: readonly string[]
): Promise<ReadonlySet<string>> {
  const pods = await cluster.kubernetes.list<V1Pod>('v1', 'Pod', traffic.workloads.namespace)
  const there = pods.filter(({ spec }) => nodes.includes(spec?.nodeName ?? ''))
  return new Set(there.flatMap(({ metadata }) => metadata?.uid ?? []))
}

async function isEmpty(context: ScenarioContext, node: string): Promise<boolean> {
  return (await podsOn(context, node)).size === 0
}

function isPart(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.isSubsetOf(other)
}
