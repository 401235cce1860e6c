import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { runs } from './machine.ts'

/** Pulls a machine's network cables, all of them or those whose network's name ends so; it gets them back with the addresses that it had. */
export function unplugMachine(machine: Machine, options: { readonly network?: 'cluster' | 'peers' } = {}): Fault {
  const cables = async (): Promise<[string, string][]> =>
    [...(await machine.networks())].filter(([name]) => !options.network || name.endsWith(`-${options.network}`))
  let pulled: readonly (readonly [network: string, address: string])[] = []
  return {
    name: 'unplug-machine',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/network`],
    available: async () => {
      const off = await runs(machine)
      if (off !== undefined) return off
      if ((await cables()).length > 0) return undefined
      return `${machine.name} is not plugged into ${options.network ? `the network ${options.network}` : 'any network'}`
    },
    inject: async () => {
      for (const [network] of pulled) await machine.unplug(network)
      const left = await machine.networks()
      const still = pulled.filter(([network]) => left.has(network))
      if (still.length > 0) throw new Error(`${machine.name} is still plugged into ${still.join(', ')}`)
      return [
        {
          proves: `${machine.name} is not plugged into what it was`,
          facts: { machine: machine.name, unplugged: pulled.length, networks: left.size },
        },
      ]
    },
    heal: async () => {
      for (const [network, address] of pulled)
        if (!(await machine.networks()).has(network)) await machine.plug(network, address)
      const now = await machine.networks()
      const wrong = pulled.filter(([network, address]) => now.get(network) !== address)
      if (wrong.length > 0) throw new Error(`${machine.name} did not get ${wrong.join(', ')} back`)
      return [
        {
          proves: `${machine.name} has its networks and addresses back`,
          facts: { machine: machine.name, networks: now.size, addresses: [...now.values()].join(' ') },
        },
      ]
    },
    // Asked before anything is pulled: what is on disk is what is given back.
    undo: async () => {
      pulled = await cables()
      return pulled.map(([network, address]) => ({ do: 'connect', machine: machine.name, network, address }))
    },
  }
}

export const unplugMachineKind = faultKind({
  name: 'unplug-machine',
  group: 'machine',
  describe: "Pulls a machine's network cables; its processes go on",
  hits: 'machine',
  evidence: {
    bit: 'the engine no longer lists the networks among those of the machine',
    ended:
      'it lists them again, with the addresses from before; the interface has the next free name then (eth1 for eth0), so that the audit does not call the machine clean before it is started anew',
  },
  options: z.object({
    network: z.enum(['cluster', 'peers']).optional().describe('only this one; both where it is not said'),
  }),
  make: (machine, { network }) => unplugMachine(machine, network ? { network } : {}),
})
