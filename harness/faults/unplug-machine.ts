import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import { agentFault, kernelName } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'

/**
 * Pulls a machine's network cables, all of them or one network's: its interfaces are down, and what runs there goes on. Plugged
 * in again they are what they were, with the same names, addresses and routes.
 */
export function unplugMachine(machine: Machine, options: { readonly network?: 'cluster' | 'peers' } = {}): Fault {
  const { address, peerAddress } = machine.spec
  const cables = { cluster: address, peers: peerAddress }
  const addresses = Object.entries(cables).flatMap(([network, own]) =>
    own !== undefined && (options.network ?? network) === network ? [own] : [],
  )
  return agentFault({
    name: 'unplug-machine',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/network`],
    machine,
    action: (lease) => ({ do: 'unplug', params: { name: kernelName(lease), addresses } }),
    available: () =>
      Promise.resolve(
        addresses.length === 0 ? `${machine.name} is not plugged into the network ${options.network}` : undefined,
      ),
    bit: `every cable of ${machine.name} that was to be pulled is: its interfaces are down and their routes gone`,
    ended: `${machine.name} has its interfaces back, with names, addresses and routes as before`,
  })
}

export const unplugMachineKind = faultKind({
  name: 'unplug-machine',
  group: 'machine',
  describe: "Pulls a machine's network cables; its processes go on",
  hits: 'machine',
  evidence: {
    bit: 'the kernel says that the interfaces with those addresses are down',
    ended: 'they are up, and their names, addresses and routes are those from before',
  },
  options: z.object({
    network: z.enum(['cluster', 'peers']).optional().describe('only this one; both where it is not said'),
  }),
  make: (machine, { network }) => unplugMachine(machine, network ? { network } : {}),
})
