import type { PlacementContext } from './placement-context.ts'

const hostname = 'kubernetes.io/hostname'
const zone = 'topology.kubernetes.io/zone'

/** Creates pods with every kind of rule at once. The leading scheduler dies when it has placed the first of them. */
export async function killLeaderInBurst(context: PlacementContext): Promise<void> {
  const { cluster, faults, traffic, until, step, deployment, untilPlaced, untilDeclined } = context
  const { workers } = cluster
  const leader = await cluster.leader('kube-scheduler')
  step(`create a burst of pods, and kill the scheduler on ${leader.machine.name} in the middle`)
  await deployment('apart', workers.length + 1, { spec: antiAffinityTo('apart', hostname) })
  await untilPlaced('apart', 1)
  const killing = faults.kill(leader)
  await Promise.all([killing, createOthers(context)])
  await using _ = await killing
  await until(
    'another scheduler to lead',
    async () => (await cluster.leader('kube-scheduler')).machine !== leader.machine,
    { timeoutMs: 120_000, intervalMs: 100 },
  )
  await traffic.rolloutComplete('spread')
  await traffic.rolloutComplete('plain')
  await untilPlaced('apart', workers.length)
  await untilDeclined('apart', 1)
  await untilDeclined('zones-apart', 1)
  await untilPlaced('admitted', 1)
  await untilDeclined('barred', 1)
}

async function createOthers({ cluster, deployment, pod }: PlacementContext): Promise<void> {
  const zones = new Set(cluster.workers.map(({ spec }) => spec.zone))
  await deployment('spread', 6, { spec: { topologySpreadConstraints: [spread(zone), spread(hostname)] } })
  await deployment('plain', 6)
  await deployment('zones-apart', zones.size + 1, { spec: antiAffinityTo('zones-apart', zone) })
  const affinity = onControlPlane
  await pod('barred', 'barred', { spec: { affinity } })
  await pod('admitted', 'admitted', { spec: { affinity, tolerations: [{ operator: 'Exists' }] } })
}

function antiAffinityTo(app: string, topologyKey: string): object {
  const term = { topologyKey, labelSelector: { matchLabels: { app } } }
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
}

function spread(topologyKey: string): object {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: { app: 'spread' } },
  }
}

const onControlPlane = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }],
    },
  },
}
