import { command } from '../command.ts'
import { forget, save, saved } from '../saved.ts'
import { agentAction } from './action.ts'

interface Params {
  /** What is kept to be put back is kept under this name. */
  readonly name: string
  /** The machine's own addresses: the interfaces that have them are those that are unplugged. */
  readonly addresses: readonly string[]
}

interface Cable {
  readonly link: string
  readonly address: string
  /** As `ip` prints them; the kernel forgets them with the link. */
  readonly routes: readonly string[]
}

/**
 * Takes network interfaces down, as a pulled cable does: the kernel forgets their routes, and nothing comes in or goes out.
 * They stay what they are, with name, hardware address and addresses. Another network under the same name could not be given
 * back so: an engine that takes an interface away gives it back as the next one.
 */
export const unplug = agentAction({
  name: 'unplug',
  do: async ({ name, addresses }: Params) => {
    const cables = await plugged(addresses)
    if (cables.length === 0) throw new Error(`no interface has ${addresses.join(' or ')}`)
    const already = cables.length - (await linksUp(cables)).length
    if (already > 0) throw new Error(`${already} of ${cables.length} interfaces are down already`)
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
      // Those that the kernel makes by itself come first: the way to a gateway is one of them.
      const ordered = routes.toSorted((a, b) => Number(b.includes('proto kernel')) - Number(a.includes('proto kernel')))
      for (const route of ordered) await command('ip', ['route', 'replace', ...route.split(' '), 'dev', link])
    }
    const now = await plugged(cables.map(({ address }) => address))
    // A route more may have come meanwhile: flanneld learns of new Nodes by the other network.
    const lost = words(cables).filter((word) => !words(now).includes(word))
    if (lost.length > 0) throw new Error(`could not be put back: ${lost.join('; ')}`)
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

const words = (cables: readonly Cable[]): string[] =>
  cables.flatMap(({ link, address, routes }) => [`${link} ${address}`, ...routes.map((route) => `${link} ${route}`)])

async function linksUp(cables: readonly Cable[]): Promise<string[]> {
  const all = await links()
  return cables
    .map(({ link }) => link)
    .filter((link) => {
      const found = all.find(({ ifname }) => ifname === link)
      // One that was taken away is not one that is down.
      if (!found) throw new Error(`there is no interface ${link} any more`)
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
