import { onOneOf, type PlacementContext } from './placement-context.ts'

/** Two of them fill a machine with two processors. */
const large = { cpu: '900m' }

/** Fills two Nodes, one of them with pods under a budget, until a pod waits. Then a pod of higher priority needs a place. */
export async function preempt(context: PlacementContext): Promise<void> {
  const { cluster, traffic, step, deployment, pod, untilPlaced, untilDeclined } = context
  const [guarded, free] = context.empty
  if (!guarded || !free) throw new Error('the scenario needs two workers without pods')
  step(`fill ${guarded.name} and ${free.name}`)
  await deployment('guarded', 2, { requests: large, spec: { affinity: onOneOf([guarded]) } })
  await deployment('free', 3, { requests: large, spec: { affinity: onOneOf([free]) } })
  await traffic.workloads.disruptionBudget('guarded', 2)
  await traffic.rolloutComplete('guarded')
  await untilPlaced('free', 2)
  await untilDeclined('free', 1)

  step('a pod of higher priority needs a place')
  await using _ = await priorityClass(cluster)
  const spec = { affinity: onOneOf([guarded, free]), priorityClassName }
  await pod('urgent', 'urgent', { requests: large, spec })
  await untilPlaced('urgent', 1)
  await untilDeclined('free', 2)
}

const priorityClassName = 'holdfast-urgent'

async function priorityClass({ kubernetes }: PlacementContext['cluster']): Promise<AsyncDisposable> {
  const object = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: priorityClassName },
    value: 1_000,
  }
  await kubernetes.apply(object)
  return { [Symbol.asyncDispose]: () => kubernetes.delete(object) }
}
