import { command } from '../../processes/command.ts'
import { forget, save, saved } from '../../ttl/saved.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Key of the saved state that the revert restores. */
  readonly name: string
  /** The machine's own addresses: the interfaces that have them are unplugged. */
  readonly addresses: readonly string[]
}

interface Cable {
  readonly link: string
  readonly address: string
  /** In the format of `ip`; the kernel removes them with the link. */
  readonly routes: readonly string[]
}

/**
 * Takes network interfaces down, like a pulled cable: the kernel removes their routes, and no packet comes in or goes out.
 * They keep name, hardware address and addresses. An engine that disconnects a network can't do that: it reconnects the
 * interface under the next free name.
 */
export const unplug = agentAction({
  name: 'unplug',
  do: async ({ name, addresses }: Params) => {
    const cables = await plugged(addresses)
    if (cables.length === 0) throw new Error(`no interface has ${addresses.join(' or ')}`)
    const already = cables.length - (await linksUp(cables)).length
    if (already > 0) throw new Error(`${already} of ${cables.length} interfaces are already down`)
    await save(name, JSON.stringify(cables))
    for (const { link } of cables) await command('ip', ['link', 'set', link, 'down'])
    const up = await linksUp(cables)
    if (up.length > 0) throw new Error(`${up.join(', ')} can't be taken down`)
    return { links: cables.map(({ link }) => link).join(' '), routes: cables.flatMap(({ routes }) => routes).length }
  },
  undo: async ({ name }) => {
    const text = await saved(name)
    if (text === undefined) return { name, already: true }
    const cables = JSON.parse(text) as Cable[]
    const down = cables.length - (await linksUp(cables)).length
    for (const { link, routes } of cables) {
      await command('ip', ['link', 'set', link, 'up'])
      // Kernel-made routes first: the route to a gateway is one of them.
      const ordered = routes.toSorted((a, b) => Number(b.includes('proto kernel')) - Number(a.includes('proto kernel')))
      for (const route of ordered) await command('ip', ['route', 'replace', ...route.split(' '), 'dev', link])
    }
    const now = await plugged(cables.map(({ address }) => address))
    // Additional routes are allowed: flanneld receives new Nodes over the other network.
    const lost = descriptions(cables).filter((word) => !descriptions(now).includes(word))
    if (lost.length > 0) throw new Error(`could not be restored: ${lost.join('; ')}`)
    await forget(name)
    return { links: now.map(({ link }) => link).join(' '), routes: now.flatMap(({ routes }) => routes).length, down }
  },
})

async function plugged(addresses: readonly string[]): Promise<Cable[]> {
  const all = await links()
  return Promise.all(
    addresses.flatMap((address) => {
      const link = all.find(({ addr_info }) => addr_info.some(({ local }) => local === address))?.ifname
      return link === undefined ? [] : [routesOf(link).then((routes): Cable => ({ link, address, routes }))]
    }),
  )
}

const descriptions = (cables: readonly Cable[]): string[] =>
  cables.flatMap(({ link, address, routes }) => [`${link} ${address}`, ...routes.map((route) => `${link} ${route}`)])

async function linksUp(cables: readonly Cable[]): Promise<string[]> {
  const all = await links()
  return cables
    .map(({ link }) => link)
    .filter((link) => {
      const found = all.find(({ ifname }) => ifname === link)
      // A missing interface is not an interface that is down.
      if (!found) throw new Error(`interface ${link} does not exist any more`)
      return found.flags.includes('UP')
    })
}

interface Link {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly addr_info: readonly { readonly local?: string }[]
}

async function links(): Promise<readonly Link[]> {
  return JSON.parse(await command('ip', ['-j', '-4', 'address', 'show'])) as Link[]
}

async function routesOf(link: string): Promise<string[]> {
  const lines = (await command('ip', ['-4', 'route', 'show', 'dev', link])).split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '').toSorted()
}
