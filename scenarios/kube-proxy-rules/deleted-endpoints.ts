import type { RulesContext } from './rules-context.ts'

/** Sends datagrams from one port while the only endpoint is deleted and replaced. */
export async function sendToDeletedEndpoints(context: RulesContext): Promise<void> {
  const { traffic, services, sender, everyNode, step } = context
  const { sink } = services
  const useOnce = (): Promise<unknown> => everyNode((node) => traffic.packets.inside(node, sink, 'udp'))
  const scaleTo = async (replicas: number): Promise<void> => {
    await traffic.scale('sink', replicas)
    await traffic.rolloutComplete('sink')
    await traffic.rulesFollow(['sink'])
    await tracked(replicas, context)
    await useOnce()
  }
  step('send datagrams to deleted endpoints')
  await useOnce()
  await traffic.packets.send(sender, sink)
  await tracked(1, context)
  await scaleTo(0)
  await scaleTo(1)
}

/** Waits until the sender's kernel tracks `count` flows to the Service. */
async function tracked(count: number, { traffic, services, sender, until }: RulesContext): Promise<void> {
  await until(
    `conntrack to have ${count} flows of the datagrams`,
    async () => (await traffic.packets.flows(sender, services.sink)).length === count,
    { timeoutMs: 20_000, intervalMs: 250 },
  )
}
