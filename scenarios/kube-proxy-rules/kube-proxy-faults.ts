import type { RulesContext } from './rules-context.ts'

/** Length of kube-proxy's outage. */
const outageMs = 4_000

/** Changes a Service while one kube-proxy is dead. */
export async function killKubeProxy(context: RulesContext): Promise<void> {
  const { faults, traffic, struck, everyNode, consistently, step } = context
  const { workloads, packets } = traffic
  step(`kill kube-proxy on ${struck.name} and change a Service`)
  await using killed = await faults.kill({ machine: struck, component: 'kube-proxy' })
  const process = () => struck.call('state', { component: 'kube-proxy' })
  const late = await workloads.serviceOf('late', 'sink', {})
  await traffic.rulesFollow(['late'], [struck])
  await everyNode((node) => packets.inside(node, late))
  await consistently('kube-proxy stays dead', async () => (await process()).pid === 0, {
    forMs: outageMs,
    intervalMs: 500,
  })
  await killed.heal()
  await traffic.rulesFollow(['late'])
  await everyNode((node) => packets.inside(node, late))
  await traffic.sample('web', { rounds: 3 })
}

/** Removes all rules of one kube-proxy. */
export async function removeRules({ faults, traffic, struck, step }: RulesContext): Promise<void> {
  step(`remove kube-proxy's rules on ${struck.name}`)
  await using _ = await faults.flushProxy(struck, { what: 'tables' })
  // In mode nftables kube-proxy detects the loss only when it writes; other modes detect it without a change.
  if (traffic.rules.mode === 'nftables') await traffic.workloads.serviceOf('afterwards', 'web', {})
  await traffic.sample('web', { rounds: 3 })
}
