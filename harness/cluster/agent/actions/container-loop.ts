import { endContainer, find } from '../container-processes.ts'
import { agentAction } from './action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  /** `pause` for the sandbox's own. */
  readonly container: string
  /** What the container is ended with that runs now; those that come after it are killed. */
  readonly first: 'SIGKILL' | 'SIGTERM'
  readonly everyMs: number
}

interface Loop {
  readonly timer: NodeJS.Timeout
  readonly ended: Set<string>
}

/** The loops that run in this agent, by container: they end with it. */
const loops = new Map<string, Loop>()

/** Ends a container, and each one that its kubelet starts in its place. An agent that dies ends none any more. */
export const containerLoop = agentAction({
  name: 'container-loop',
  do: async (params: Params) => {
    const key = keyOf(params)
    if (loops.has(key)) throw new Error(`${key} is ended in a loop already`)
    const strike = async (): Promise<void> => {
      const found = await find(params)
      const loop = loops.get(key)
      if (!found || !loop) return
      process.kill(found.pid, 'SIGKILL')
      loop.ended.add(found.id)
    }
    // One that fails is made again; what it could not hit runs, and so is no proof.
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
  proof: async (params) => ({
    ended: loops.get(keyOf(params))?.ended.size ?? 0,
    running: (await find(params)) !== undefined,
  }),
})

const keyOf = ({ namespace, pod, container }: Params): string => `${namespace}/${pod}/${container}`
