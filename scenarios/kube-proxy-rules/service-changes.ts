import type { RulesContext } from './rules-context.ts'

/** Adds and removes Services and their endpoints. */
export async function changeEndpointsAndServices(context: RulesContext): Promise<void> {
  const { traffic, services, sender, until, step } = context
  const { workloads, packets } = traffic
  step('add and remove endpoints and Services')
  const passing = await Promise.all(
    ['one', 'two', 'three'].map((name) => workloads.serviceOf(name, 'web', { type: 'NodePort' })),
  )
  await traffic.scale('web', 6)
  await traffic.rolloutComplete('web')
  await Promise.all(passing.map(({ metadata }) => workloads.removeService(metadata?.name ?? '')))
  await traffic.scale('web', 4)
  await traffic.rolloutComplete('web')
  const { backend } = await packets.inside(sender, services.sticky)
  await workloads.removePod(backend ?? '')
  await until('the pod to be replaced', async () => !(await workloads.endpointPods('web')).includes(backend ?? ''), {
    timeoutMs: 30_000,
  })
  await traffic.rolloutComplete('web')
  await traffic.rulesFollow(['web', 'sticky'])
}

/** Samples the balance of a Service while another one is created and removed again and again. */
export async function sampleDuringChanges({ traffic, step }: RulesContext): Promise<void> {
  step('sample the balance while other Services change')
  const sampled = new AbortController()
  await Promise.all([
    traffic.sample('web', { rounds: 3 }).finally(() => sampled.abort()),
    createAndRemove(traffic, sampled.signal),
  ])
}

/** Makes every kube-proxy rewrite its rules; the rules of other Services must stay equivalent. */
async function createAndRemove(traffic: RulesContext['traffic'], until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    const { metadata } = await traffic.workloads.serviceOf('passing', 'web', {})
    await traffic.rulesFollow(['passing'])
    await traffic.workloads.removeService(metadata?.name ?? '')
  }
}
