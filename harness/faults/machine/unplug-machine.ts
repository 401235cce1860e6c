import { z } from 'zod'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'

/**
 * Takes a machine's network interfaces down, all of them or those of one network; its processes keep running. Reverting
 * restores names, addresses and routes.
 */
export const unplugMachine = defineFault({
  name: 'unplug-machine',
  describe: "Takes a machine's network interfaces down; its processes keep running",
  hits: 'machine',
  evidence: {
    confirmed: 'the kernel reports the interfaces with those addresses as down',
    cleared: 'the interfaces are up, with names, addresses and routes as before',
  },
  options: z.object({
    network: z.enum(['cluster', 'peers']).optional().describe('only `cluster` or `peers`; both if omitted'),
  }),
  create: (machine, options) => {
    const { address, peerAddress } = machine.spec
    const cables = { cluster: address, peers: peerAddress }
    const addresses = Object.entries(cables).flatMap(([network, own]) =>
      own !== undefined && (options.network ?? network) === network ? [own] : [],
    )
    return agentFault({
      target: { machines: [machine.name] },
      claims: [`${machine.name}/network`],
      machine,
      action: (id) => ({ do: 'unplug', params: { name: kernelName(id), addresses } }),
      available: () =>
        Promise.resolve(
          addresses.length === 0 ? `${machine.name} has no interface on the network ${options.network}` : undefined,
        ),
      confirmed: `the interfaces of ${machine.name} are down, and their routes are gone`,
      cleared: `the interfaces of ${machine.name} are up, with names, addresses and routes as before`,
    })
  },
})
