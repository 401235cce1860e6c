import { headless } from './services.ts'
import type { RulesContext } from './rules-context.ts'

/** Uses each Service on every Node, from machines, from outside of the cluster, and by name. */
export async function useTrafficPolicies(context: RulesContext): Promise<void> {
  const { traffic, services, client, everyNode, otherThan, step } = context
  const { packets: reaching, queries: asking } = traffic
  const { outside, inside, hidden, published, balanced, 'every-port': everyPort } = services
  step('traffic policies and unready endpoints')
  await everyNode((node) => reaching.through(otherThan(node), node, outside))
  await everyNode((node) => reaching.through(client, node, outside))
  await everyNode((node) => reaching.inside(node, inside))
  await everyNode((node) => reaching.inside(node, hidden))
  await everyNode((node) => reaching.inside(node, published))
  await everyNode((node) => asking.health(node, balanced))
  for (const name of headless) await everyNode((node) => asking.name(node, services[name]))
  for (const protocol of ['tcp', 'udp'] as const) {
    await everyNode((node) => reaching.through(otherThan(node), node, everyPort, protocol))
    await everyNode((node) => reaching.through(client, node, everyPort, protocol))
  }
}
