import { command } from '../command.ts'
import { forget, save, saved } from '../saved.ts'
import { agentAction } from './action.ts'

interface Params {
  /** What is kept to be put back is kept under this name. */
  readonly name: string
  /** The destinations whose routes are deleted: ranges of other machines' pods. */
  readonly to: readonly string[]
}

/** What we put into a table of routes is known by this number of an origin, which nobody else uses: it has no names. */
const origin = ['proto', '72']

/**
 * Deletes routes to other machines' pods. flanneld looks after them every ten seconds and may put them back. Without them
 * packets would go to the default gateway and leave for a network that is none of ours: a route of the last resort says
 * "unreachable" instead, and any other one comes before it.
 */
export const deleteRoutes = agentAction({
  name: 'delete-routes',
  do: async ({ name, to }: Params) => {
    const routes = await routesTo(to)
    if (routes.length === 0) throw new Error(`there is no route to ${to.join(', ')}`)
    await save(name, routes.join('\n'))
    for (const route of routes) {
      const last = ['metric', String(0xffff_fff0)]
      await command('ip', ['route', 'add', 'unreachable', destination(route), ...origin, ...last])
      await command('ip', ['route', 'del', ...route.split(' ')])
    }
    const left = (await routesTo(to)).length
    if (left > 0) throw new Error(`${left} routes are there again`)
    return { deleted: routes.length, left }
  },
  undo: async ({ name, to }) => {
    const text = await saved(name)
    if (text === undefined) return { name, restored: 0, already: true }
    const there = (await routesTo(to)).map(destination)
    const missing = text.split('\n').filter((route) => !there.includes(destination(route)))
    // Between the look and the act flanneld may have been quicker: what counts is that the route is there.
    for (const route of missing) await command('ip', ['route', 'add', ...route.split(' ')]).catch(() => undefined)
    const now = (await routesTo(to)).map(destination)
    const lost = text.split('\n').filter((route) => !now.includes(destination(route)))
    await command('ip', ['route', 'flush', ...origin])
    if (lost.length > 0) throw new Error(`routes could not be put back: ${lost.join('; ')}`)
    await forget(name)
    return { name, restored: missing.length, routes: now.length }
  },
  proof: async ({ to }) => ({ left: (await routesTo(to)).length }),
})

const destination = (route: string): string => route.split(' ')[0] ?? ''

async function routesTo(to: readonly string[]): Promise<string[]> {
  const lines = (await command('ip', ['-4', 'route', 'show'])).split('\n').map((line) => line.trim())
  return lines.filter((line) => to.includes(destination(line)))
}
