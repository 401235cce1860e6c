import { setTimeout as delay } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { scenario, type ScenarioContext } from '../harness/run/scenario.ts'

/** Longer than the back-off of a second restart. */
const outageMs = 12_000

/** The control plane is down under traffic. A container crashes before and during that, and another one only during it. */
export default scenario(
  'control-plane-off',
  {
    describe:
      'Stop every API server, scheduler and controller manager under traffic, kill containers meanwhile, start everything again',
    topology: 'ha',
    contracts: ['KLET-02', 'KLET-03', 'KLET-09', 'SYS-01', 'SYS-02', 'CP-01'],
  },
  async (context) => {
    const { cluster, faults, traffic, signal, until, step } = context
    await traffic.deploy('web', { replicas: 3 })
    await traffic.workloads.deployment('crashing', { replicas: 2 })
    await traffic.rolloutComplete('crashing')
    await traffic.probe('web')
    const [first, second] = await traffic.workloads.pods('crashing')
    if (!first || !second) throw new Error('the scenario needs two pods')
    step('a container crashes while the control plane works')
    await crash(context, first)
    await traffic.rolloutComplete('crashing')

    // The standbys first: the last leader of a component has no successor.
    const components = [
      ...(await cluster.followers('kube-scheduler')),
      await cluster.leader('kube-scheduler'),
      ...(await cluster.followers('kube-controller-manager')),
      await cluster.leader('kube-controller-manager'),
      ...cluster.all('kube-apiserver'),
    ]
    step('stop the control plane')
    await using outage = new AsyncDisposableStack()
    for (const component of components) outage.use(await faults.kill(component))
    step('containers crash without an API server')
    await Promise.all([crash(context, first), crash(context, second)])
    await delay(outageMs, undefined, { signal })
    step('start the control plane again')
    await outage.disposeAsync()
    await until('every API server to accept writes', () => cluster.probeWriteThroughAll(), { timeoutMs: 60_000 })
    await until('the components to elect leaders', () => cluster.electionsHeld(), { timeoutMs: 60_000 })
    await until('the status of both pods to report the restarts', () => reported(context), { timeoutMs: 60_000 })
    await traffic.rolloutComplete('web')
    await traffic.rolloutComplete('crashing')
  },
)

/** Kills the container of a pod, and waits until its kubelet runs another one. */
async function crash({ cluster, faults }: ScenarioContext, pod: V1Pod): Promise<void> {
  const { namespace = '', name = '' } = pod.metadata ?? {}
  const machine = cluster.machine(pod.spec?.nodeName ?? '')
  const container = pod.spec?.containers[0]?.name ?? ''
  await using _ = await faults.killContainer({ machine, namespace, pod: name, container })
}

/** One pod crashed twice, the other one once. */
async function reported({ traffic }: ScenarioContext): Promise<boolean> {
  const pods = await traffic.workloads.pods('crashing')
  const counts = pods.map(({ status }) => status?.containerStatuses?.[0]?.restartCount ?? 0)
  return counts.sort((a, b) => a - b).join() === '1,2'
}
