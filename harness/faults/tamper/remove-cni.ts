import { z } from 'zod'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { commandSucceeds } from '../engine/machine-output.ts'

const folder = '/etc/cni/net.d'

/**
 * Removes a machine's CNI configuration: running pods stay connected, the container runtime can't start new ones, and the Node
 * reports that its network is not ready. A configuration that another program writes meanwhile stays.
 */
export const removeCni = defineFault({
  name: 'remove-cni',
  describe: "Removes a machine's CNI configuration: no new pod starts there",
  hits: 'machine',
  evidence: { confirmed: 'the configuration folder is empty', cleared: 'its files exist again' },
  options: z.object({}),
  create: (machine) =>
    agentFault({
      target: { machines: [machine.name] },
      claims: [`${machine.name}/cni`],
      machine,
      action: (id) => ({ do: 'remove-cni', params: { name: kernelName(id), folder } }),
      available: async () =>
        (await commandSucceeds(machine, `set -- ${folder}/*; [ -e "$1" ]`))
          ? undefined
          : `${folder} on ${machine.name} is empty`,
      confirmed: `${machine.name} has no CNI configuration`,
      cleared: `${machine.name} has its CNI configuration again`,
    }),
})
