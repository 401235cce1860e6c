import { setTimeout as delay } from 'node:timers/promises'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { cachedList, consistentList, listAt, type ListOptions, pagedList } from './api-lists.ts'

/** Lists in every way, one after the other and at one API server after the other, until aborted. */
export async function listOn(
  servers: readonly ApiServer[],
  options: ListOptions,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  let earlier: number | undefined
  for (let turn = 0; !signal.aborted; turn++) {
    const own = servers.map((_, n) => servers[(turn + n) % servers.length]).filter((one) => one !== undefined)
    const [server] = own
    if (!server) return
    const found = await consistentList(server, options)
    await cachedList(server, options)
    await pagedList(own, options)
    if (earlier !== undefined) await listAt(server, earlier, options)
    earlier = found
    await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}
