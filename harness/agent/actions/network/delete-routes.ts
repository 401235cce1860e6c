import { command } from '../../processes/command.ts'
import { forget, save, saved } from '../../ttl/saved.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Key of the saved state that the revert restores. */
  readonly name: string
  /** Destinations whose routes are deleted: other machines' pod ranges. */
  readonly to: readonly string[]
}

/** Routes have no names. This protocol number, which no other program uses, marks those of Holdfast. */
const origin = ['proto', '72']

/**
 * Deletes routes to other machines' pods. flanneld checks its routes every ten seconds and may restore them.
 * Without a route, packets would leave through the default gateway for a foreign network. An "unreachable" route of lowest
 * priority prevents that; any other route has precedence.
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
    if (left > 0) throw new Error(`${left} routes exist again`)
    return { deleted: routes.length, left }
  },
  undo: async ({ name, to }) => {
    const text = await saved(name)
    if (text === undefined) return { name, restored: 0, already: true }
    const there = (await routesTo(to)).map(destination)
    const missing = text.split('\n').filter((route) => !there.includes(destination(route)))
    // flanneld may have added the route since the lookup; the check below decides.
    for (const route of missing) await command('ip', ['route', 'add', ...route.split(' ')]).catch(() => undefined)
    const now = (await routesTo(to)).map(destination)
    const lost = text.split('\n').filter((route) => !now.includes(destination(route)))
    await command('ip', ['route', 'flush', ...origin])
    if (lost.length > 0) throw new Error(`routes could not be restored: ${lost.join('; ')}`)
    await forget(name)
    return { name, restored: missing.length, routes: now.length }
  },
  evidence: async ({ to }) => ({ left: (await routesTo(to)).length }),
})

const destination = (route: string): string => route.split(' ')[0] ?? ''

async function routesTo(to: readonly string[]): Promise<string[]> {
  const lines = (await command('ip', ['-4', 'route', 'show'])).split('\n').map((line) => line.trim())
  return lines.filter((line) => to.includes(destination(line)))
}
