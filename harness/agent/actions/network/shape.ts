import { command } from '../../processes/command.ts'
import { type Impairment, handleOf, leafOf, tcLines } from '../../kernel/impairment.ts'
import type { PacketRule } from '../../kernel/packet-rules.ts'
import type { Facts } from '../../rpc/results.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** The fault's name in the kernel; a qdisc's handle derives from it. */
  readonly table: string
  readonly rules: readonly PacketRule[]
  readonly impairment: Impairment
  /** An address of this machine and one that it sends to: the device between them is shaped. */
  readonly between: { readonly from: string; readonly to: string }
}

interface Qdisc {
  readonly kind: string
  readonly handle: string
  readonly dev: string
  readonly root?: boolean
  readonly packets?: number
  readonly bytes?: number
  readonly drops?: number
  readonly overlimits?: number
}

/** Delays, drops or slows packets with the kernel's own scheduler, on a device without a root qdisc. */
export const shape = agentAction({
  name: 'shape',
  do: async ({ table, rules, impairment, between }: Params) => {
    const device = await deviceBetween(between)
    const handle = handleOf(table)
    const foreign = (await qdiscs()).find((one) => one.dev === device && one.root && one.kind !== 'noqueue')
    if (foreign) throw new Error(`${device} already has a root qdisc, ${foreign.kind} ${foreign.handle}`)
    await command('tc', ['-batch', '-'], `${tcLines(device, handle, rules, impairment).join('\n')}\n`)
    return { table, device, handle, rules: rules.length }
  },
  undo: async ({ table }) => {
    const own = async (): Promise<Qdisc[]> =>
      (await qdiscs()).filter((one) => one.root && one.handle === `${handleOf(table)}:`)
    const found = await own()
    const facts: Facts[] = []
    for (const { dev } of found) {
      facts.push(await counted(dev, handleOf(table)))
      await command('tc', ['qdisc', 'del', 'dev', dev, 'root', 'handle', `${handleOf(table)}:`])
    }
    if ((await own()).length > 0) throw new Error(`the qdisc ${handleOf(table)}: still exists`)
    return { table, removed: true, held: found.length > 0, ...facts[0] }
  },
  evidence: async ({ table, between }) => {
    const device = await deviceBetween(between)
    const handle = `${handleOf(table)}:`
    const held = (await qdiscs(device)).some((one) => one.root && one.handle === handle)
    return { table, held, ...(await counted(device, handleOf(table))) }
  },
})

async function deviceBetween({ from, to }: Params['between']): Promise<string> {
  const stdout = await command('ip', ['-j', 'route', 'get', to, 'from', from])
  const [route] = JSON.parse(stdout) as { dev?: string }[]
  if (!route?.dev) throw new Error(`there is no route from ${from} to ${to}`)
  return route.dev
}

async function qdiscs(device?: string): Promise<Qdisc[]> {
  const which = device ? ['dev', device] : []
  return JSON.parse(await command('tc', ['-s', '-j', 'qdisc', 'show', ...which])) as Qdisc[]
}

/** Counts packets that went through Holdfast's class, were dropped there, or exceeded its rate. */
async function counted(device: string, handle: string): Promise<Facts> {
  const all = await qdiscs(device)
  const { packets = 0, bytes = 0, drops = 0 } = all.find((one) => one.handle === `${leafOf(handle)}:`) ?? {}
  const { overlimits = 0 } = all.find((one) => one.handle === `${handle}:`) ?? {}
  return { packets, bytes, drops, overlimits }
}
