import { eventually } from '../../common/eventually.ts'
import type { StartGate, Starting } from '../distribution/distribution.ts'
import type { Machine } from '../machine/machine.ts'
import type { BootContext } from './boot-context.ts'

/** The steps that a held-back component may wait for. */
interface Steps {
  readonly started: ReadonlyMap<string, Promise<Machine>>
  readonly firstApiServer: Promise<unknown>
  readonly url: (machine: string) => string
}

/** Starts a component that was held back once it is useful. */
export async function startHeldBack(
  { component, machines, until, open, afterApiServer = false }: StartGate,
  { started, firstApiServer, url }: Steps,
  { withinMs, signal, seen }: BootContext,
): Promise<void> {
  const machine: Starting['machine'] = async (name) => {
    const start = started.get(name)
    if (!start) throw new Error(`no machine ${name}`)
    return start
  }
  // The spare machine is held back too, and joins later.
  const names = machines.filter((name) => started.has(name))
  if (names.length === 0) return
  if (afterApiServer) await firstApiServer
  await eventually(until, () => open({ machine, url }), { timeoutMs: withinMs, signal, intervalMs: 100 })
  await Promise.all(names.map(async (name) => (await machine(name)).call('start', { component })))
  seen(`held-back ${component} is started`)
}
