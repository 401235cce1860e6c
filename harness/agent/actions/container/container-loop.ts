import { endContainer, find } from '../../processes/container-processes.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  /** `pause` for the sandbox's own container. */
  readonly container: string
  /** Signal for the container that runs now; its replacements get SIGKILL. */
  readonly first: 'SIGKILL' | 'SIGTERM'
  readonly everyMs: number
}

interface Loop {
  readonly timer: NodeJS.Timeout
  readonly ended: Set<string>
}

/** Loops of this agent, by container; they end with the agent. */
const loops = new Map<string, Loop>()

/** Ends a container, and each replacement that its kubelet starts. The loop ends with its agent. */
export const containerLoop = agentAction({
  name: 'container-loop',
  do: async (params: Params) => {
    const key = keyOf(params)
    if (loops.has(key)) throw new Error(`${key} already has a kill loop`)
    const strike = async (): Promise<void> => {
      const found = await find(params)
      const loop = loops.get(key)
      if (!found || !loop) return
      process.kill(found.pid, 'SIGKILL')
      loop.ended.add(found.id)
    }
    // A failed attempt is repeated at the next interval. The container that it missed still runs and does not count as
    // evidence.
    const timer = setInterval(() => void strike().catch(() => undefined), params.everyMs)
    loops.set(key, { timer, ended: new Set() })
    const facts = await endContainer(params, params.first)
    loops.get(key)?.ended.add(String(facts['id']))
    return facts
  },
  undo: async (params) => {
    const loop = loops.get(keyOf(params))
    clearInterval(loop?.timer)
    loops.delete(keyOf(params))
    return { container: params.container, ...(loop ? { ended: loop.ended.size } : { gone: true }) }
  },
  evidence: async (params) => ({
    ended: loops.get(keyOf(params))?.ended.size ?? 0,
    running: (await find(params)) !== undefined,
  }),
})

const keyOf = ({ namespace, pod, container }: Params): string => `${namespace}/${pod}/${container}`
