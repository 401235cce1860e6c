import { setTimeout as delay } from 'node:timers/promises'
import { briefSeconds } from './service-kinds.ts'
import type { RulesContext } from './rules-context.ts'

/** Uses a Service with session affinity from every Node, before and after the timeout. */
export async function returnAroundTimeout(context: RulesContext): Promise<void> {
  const { traffic, services, everyNode, signal, step } = context
  const useOnce = (): Promise<unknown> => everyNode((node) => traffic.packets.inside(node, services.forgetful))
  step('clients return before and after the affinity timeout')
  for (let round = 0; round < 3; round++) {
    for (let visit = 0; visit < 3; visit++) await useOnce()
    // No fact shows the end of the timeout.
    await delay(briefSeconds * 1_000 + 500, undefined, { signal })
  }
  await useOnce()
}
