import type { RulesContext } from './rules-context.ts'

/** Uses Services whose only endpoint terminates, and then is gone. */
export async function useTerminatingEndpoint(context: RulesContext): Promise<void> {
  const { cluster, traffic, services, client, everyNode, otherThan, until, step } = context
  const { workloads, packets, queries } = traffic
  const { outside, inside, balanced } = services
  step('the only endpoint of a Service serves while it terminates')
  await traffic.scale('edge', 0)
  const going = await until('the endpoint to be terminating', () => workloads.terminatingEndpoint('outside'), {
    timeoutMs: 20_000,
  })
  await traffic.rulesFollow(['outside', 'inside'])
  for (let n = 0; going !== undefined && n < 3; n++) {
    const host = cluster.machine(going)
    await Promise.all([
      packets.through(client, host, outside),
      packets.inside(host, inside),
      packets.inside(otherThan(host), outside),
      queries.health(host, balanced),
    ])
  }
  await traffic.rolloutComplete('edge')
  await traffic.rulesFollow(['outside', 'inside'])
  await everyNode((node) => packets.inside(node, inside))
}
