import { kill, start, state } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly component: string
  readonly everyMs: number
}

/** Loops of this agent, by component; they end with the agent. */
const loops = new Map<string, { timer: NodeJS.Timeout; kills: number; pids: Set<number> }>()

/** Kills a component repeatedly; its supervisor restarts it each time. The loop ends with its agent. */
export const crashLoop = agentAction({
  name: 'crash-loop',
  do: async ({ component, everyMs }: Params) => {
    if (loops.has(component)) throw new Error(`${component} already has a kill loop`)
    const strike = async (): Promise<void> => {
      // Between two starts there is no process to kill; only successful kills count.
      const killed = await kill(component).catch(() => undefined)
      const loop = loops.get(component)
      if (killed === undefined || !loop) return
      loop.kills += 1
      loop.pids.add(killed)
    }
    loops.set(component, { timer: setInterval(() => void strike(), everyMs), kills: 0, pids: new Set() })
    await strike()
    return { component, everyMs }
  },
  undo: async ({ component }) => {
    const loop = loops.get(component)
    clearInterval(loop?.timer)
    loops.delete(component)
    const running = await start(component)
    return { ...running, ...(loop ? { kills: loop.kills } : { gone: true }) }
  },
  evidence: async ({ component }) => {
    const loop = loops.get(component)
    const { pid } = await state(component)
    return { component, kills: loop?.kills ?? 0, processes: loop?.pids.size ?? 0, pid }
  },
})
