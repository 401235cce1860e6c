import { type ScenarioContext, scenario } from '../harness/run/scenario.ts'
import { crashLeader } from './controller-crash/crash-leader.ts'
import { deployment, job } from './controller-crash/objects.ts'
import {
  conditionReason,
  hasPodOfVersion,
  hasSucceededPod,
  isGone,
  isTerminating,
  jobHas,
  podsOf,
} from './controller-crash/observed.ts'

const wait = { timeoutMs: 120_000, intervalMs: 50 } as const
/** Shorter than a takeover, so that the deadline of the stuck rollout passes while the scenario waits for other facts. */
const progressDeadlineSeconds = 10
/** Longer than a running controller needs to replace a pod. */
const watchedMs = 7_000
const finalizer = 'holdfast.example/kept'

/** The leading controller manager is killed with work half done, twice; then no controller manager runs for a while. */
export default scenario(
  'controller-crash',
  {
    describe:
      'Kill the leading controller manager during a rollout and Jobs, then during a scale-down and a cascading deletion; then stop all',
    topology: 'ha',
    contracts: ['WL-01', 'WL-02', 'WL-07', 'CM-02', 'CM-03', 'CM-01', 'CM-04', 'CM-05', 'SYS-01', 'SYS-02'],
  },
  async (context) => {
    await prepare(context)
    await crashInRollout(context)
    await crashInDeletion(context)
    await stopAll(context)
  },
)

async function prepare({ traffic, step }: ScenarioContext): Promise<void> {
  const { workloads } = traffic
  step('create the workloads')
  const apply = (name: string, options: Parameters<typeof deployment>[2]): Promise<void> =>
    workloads.apply(deployment(workloads.namespace, name, options))
  await apply('web', { replicas: 4 })
  await apply('stuck', { replicas: 2, progressDeadlineSeconds })
  await apply('shrinking', { replicas: 6, slowStopSeconds: 5 })
  await apply('tree', { replicas: 3, slowStopSeconds: 5 })
  await apply('kept', { replicas: 1, finalizers: [finalizer] })
  for (const name of ['web', 'stuck', 'shrinking', 'tree', 'kept']) await workloads.rolloutComplete(name)
}

async function crashInRollout(context: ScenarioContext): Promise<void> {
  const { cluster, traffic, until, step } = context
  const { workloads } = traffic
  const { namespace } = workloads
  step('start Jobs and rollouts')
  const leader = await cluster.leader('kube-controller-manager')
  await workloads.apply(
    deployment(namespace, 'stuck', { replicas: 2, version: 2, neverReady: true, progressDeadlineSeconds }),
  )
  await workloads.apply(
    job(namespace, 'failing', { completions: 1, parallelism: 1, backoffLimit: 1, script: 'exit 1' }),
  )
  await workloads.apply(job(namespace, 'steps', { completions: 6, parallelism: 2, backoffLimit: 2, script: 'sleep 2' }))
  await until('a pod of the Job to have succeeded', () => hasSucceededPod(context, 'steps'), wait)
  await workloads.apply(deployment(namespace, 'web', { replicas: 4, version: 2 }))
  await until('the first pod of the new version', () => hasPodOfVersion(context, 'web', 2), wait)
  step(`kill the controller manager on ${leader.machine.name}: a rollout and a Job are half done`)
  await crashLeader(context, leader)
  await workloads.rolloutComplete('web')
  await until('the Job to be complete', () => jobHas(context, 'steps', 'Complete'), wait)
  await until('the failing Job to have failed', () => jobHas(context, 'failing', 'Failed'), wait)
  await until(
    'the stuck rollout to be reported',
    async () => (await conditionReason(context, 'stuck', 'Progressing')) === 'ProgressDeadlineExceeded',
    wait,
  )
}

async function crashInDeletion(context: ScenarioContext): Promise<void> {
  const { cluster, traffic, until, step } = context
  const { kubernetes } = cluster
  const { workloads } = traffic
  const named = (name: string) => ({ ...deploymentKind, metadata: { name, namespace: workloads.namespace } })
  step('scale down, and delete with dependents')
  const leader = await cluster.leader('kube-controller-manager')
  await kubernetes.delete(named('kept'))
  try {
    await kubernetes.request((objects) =>
      objects.delete(named('tree'), undefined, undefined, undefined, undefined, 'Foreground'),
    )
    await traffic.scale('shrinking', 2)
    for (const name of ['shrinking', 'tree']) {
      await until(`a pod of ${name} to be terminating`, () => isTerminating(context, name), wait)
    }
    step(`kill the controller manager on ${leader.machine.name}: a scale-down and a deletion are half done`)
    await crashLeader(context, leader)
    await workloads.rolloutComplete('shrinking')
    await until('the Deployment with its dependents to be gone', () => isGone(context, 'tree'), wait)
  } finally {
    await kubernetes.merge({ ...named('kept'), metadata: { ...named('kept').metadata, finalizers: [] } })
  }
  await until('the Deployment without its finalizer to be gone', () => isGone(context, 'kept'), wait)
}

const deploymentKind = { apiVersion: 'apps/v1', kind: 'Deployment' } as const

async function stopAll(context: ScenarioContext): Promise<void> {
  const { cluster, faults, traffic, until, consistently, step } = context
  step('stop every controller manager')
  const stopped = await Promise.all(cluster.all('kube-controller-manager').map((one) => faults.stop(one)))
  const [pod] = await traffic.pods('web')
  const name = pod?.metadata?.name ?? ''
  step(`delete the pod ${name}`)
  await traffic.workloads.removePod(name)
  const count = async (): Promise<number> => (await podsOf(context, 'web')).length
  await until('the deleted pod to be gone', async () => (await count()) === 3, wait)
  await consistently('no pod replaces it', async () => (await count()) === 3, {
    forMs: watchedMs,
    intervalMs: 500,
  })
  step('start the controller managers again')
  await Promise.all(stopped.map((one) => one.heal()))
  await traffic.rolloutComplete('web')
}
