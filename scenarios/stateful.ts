import { split } from '../harness/faults/network/grudges.ts'
import type { Machine } from '../harness/cluster/machine/machine.ts'
import { type ScenarioContext, scenario } from '../harness/run/scenario.ts'
import { daemonSet, statefulSet } from './stateful/objects.ts'
import {
  changeSet,
  isEnding,
  isReadyNode,
  isReplaced,
  isUnschedulable,
  listRuntimes,
  localVolumes,
  podNamed,
  setComplete,
  waiting,
} from './stateful/stateful-context.ts'

/** Pods with an identity are scaled, updated and deleted, and lose their Node; a DaemonSet runs beside them. */
export default scenario(
  'stateful',
  {
    describe:
      'Scale, update and delete pods with local volumes, beside a DaemonSet; cut one of their Nodes from the API',
    topology: 'ha',
    testsFrom: 'start',
    contracts: [
      'WL-03',
      'WL-04',
      'WL-05',
      'SCHED-09',
      'NODE-02',
      'NODE-03',
      'SCHED-01',
      'SCHED-05',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async (context) => {
    const { cluster, traffic, choose } = context
    const { namespace } = traffic.workloads
    await using _ = await localVolumes(context, cluster.workers)
    await traffic.workloads.apply(daemonSet(namespace, 'agent'))
    const alone = { replicas: 1, notOn: traffic.clientHost.name }
    await traffic.workloads.apply(statefulSet(namespace, 'alone', alone))
    await traffic.workloads.apply(statefulSet(namespace, 'data', { replicas: 3, withVolumes: true }))
    await setComplete(context, 'data')
    await setComplete(context, 'alone')
    await updateAboveTwo(context)
    await scaleDownAndUp(context)
    const others = cluster.workers.filter((machine) => machine !== traffic.clientHost)
    await deleteWithoutNode(context, choose(others))
    await cutNodeFromApi(context)
  },
)

/** Pods below the partition keep their revision, also the one that is deleted. */
async function updateAboveTwo(context: ScenarioContext): Promise<void> {
  const { traffic, until, step } = context
  step('update only the pods with ordinals of at least 2')
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
  await changeSet(context, 'data', { updateStrategy, template: { metadata: { annotations: { version: '2' } } } })
  await setComplete(context, 'data')
  const uid = (await podNamed(context, 'data-0'))?.metadata?.uid
  const agents = await traffic.pods('agent')
  await traffic.workloads.removePod('data-0')
  await traffic.workloads.removePod(agents[0]?.metadata?.name ?? '')
  await until('data-0 to be replaced', () => isReplaced(context, 'data-0', uid), waiting)
  await setComplete(context, 'data')
}

async function scaleDownAndUp(context: ScenarioContext): Promise<void> {
  for (const replicas of [1, 3]) {
    context.step(`scale to ${replicas}`)
    await changeSet(context, 'data', { replicas })
    await setComplete(context, 'data')
    await listRuntimes(context)
  }
}

/** A pod whose volume is on a cordoned Node waits for that Node. */
async function deleteWithoutNode(context: ScenarioContext, node: Machine): Promise<void> {
  const { faults, traffic, until, consistently, step } = context
  const own = (await traffic.pods('data')).find(({ spec }) => spec?.nodeName === node.name)
  const { name = '', uid } = own?.metadata ?? {}
  step(`delete ${name} while ${node.name} is cordoned`)
  {
    await using _ = await faults.cordon(node)
    await traffic.workloads.removePod(name)
    await until(`${name} to be declined`, () => isUnschedulable(context, name), waiting)
    const isWaiting = async (): Promise<boolean> => (await podNamed(context, name))?.spec?.nodeName === undefined
    await consistently(`${name} waits`, isWaiting, { forMs: 3_000, intervalMs: 500 })
  }
  await until(`${name} to run again`, () => isReplaced(context, name, uid), waiting)
}

/** The Node runs its pods on while the API has no news of it and evicts them. */
async function cutNodeFromApi(context: ScenarioContext): Promise<void> {
  const { cluster, faults, traffic, until, consistently, step } = context
  const node = cluster.machine(await traffic.workloads.nodeOf('alone'))
  const servers = cluster.all('kube-apiserver').map(({ machine }) => machine)
  const pods = (await traffic.pods('data')).filter(({ spec }) => spec?.nodeName === node.name)
  const names = ['alone-0', ...pods.map(({ metadata }) => metadata?.name ?? '')]
  const areEnding = async (): Promise<boolean> => {
    await listRuntimes(context)
    return (await Promise.all(names.map((name) => isEnding(context, name)))).every(Boolean)
  }
  step(`cut ${node.name} from the API`)
  {
    await using _ = await faults.partition(split([node], servers))
    const slow = { ...waiting, intervalMs: 1_000 }
    await until(`${names.join(' and ')} to be evicted`, areEnding, slow)
    await consistently('the evicted pods keep their names', areEnding, { forMs: 4_000, intervalMs: 1_000 })
  }
  await until(`${node.name} to be Ready again`, () => isReadyNode(context, node), waiting)
  await listRuntimes(context)
  for (const set of ['alone', 'data']) await setComplete(context, set)
  await listRuntimes(context)
}
