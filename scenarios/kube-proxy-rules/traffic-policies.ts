import { headless } from './service-kinds.ts'
import type { RulesContext } from './rules-context.ts'

/** Uses each Service on every Node, from machines, from outside of the cluster, and by name. */
export async function useTrafficPolicies(context: RulesContext): Promise<void> {
  const { traffic, services, client, everyNode, otherThan, step } = context
  const { packets, queries } = traffic
  const { outside, inside, hidden, published, balanced, 'every-port': everyPort } = services
  step('traffic policies and unready endpoints')
  await everyNode((node) => packets.through(otherThan(node), node, outside))
  await everyNode((node) => packets.through(client, node, outside))
  await everyNode((node) => packets.inside(node, inside))
  await everyNode((node) => packets.inside(node, hidden))
  await everyNode((node) => packets.inside(node, published))
  await everyNode((node) => queries.health(node, balanced))
  for (const name of headless) await everyNode((node) => queries.name(node, services[name]))
  for (const protocol of ['tcp', 'udp'] as const) {
    await everyNode((node) => packets.through(otherThan(node), node, everyPort, protocol))
    await everyNode((node) => packets.through(client, node, everyPort, protocol))
  }
}
