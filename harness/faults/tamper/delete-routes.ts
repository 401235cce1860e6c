import { z } from 'zod'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { commandSucceeds } from '../engine/machine-output.ts'

/**
 * Deletes a machine's routes to pods on other Nodes. flanneld restores its routes every ten seconds: freeze it too for a longer
 * effect.
 */
export const deleteRoutes = defineFault({
  name: 'delete-routes',
  describe: "Deletes a machine's routes to pods on other Nodes; flanneld restores them within ten seconds",
  hits: 'machine',
  evidence: { confirmed: 'the routes are gone', cleared: 'all routes exist again' },
  options: z.object({}),
  create: (machine, _, { cluster }) => {
    const others = cluster.nodes.filter((node) => node !== machine)
    const to = others.flatMap(({ spec }) => (spec.podRange ? [spec.podRange] : []))
    return agentFault({
      target: { machines: [machine.name] },
      claims: [`${machine.name}/routes`],
      machine,
      action: (id) => ({ do: 'delete-routes', params: { name: kernelName(id), to } }),
      available: async () => {
        const has = to.map((range) => `ip route show ${range} | grep -q .`).join(' || ')
        return has !== '' && (await commandSucceeds(machine, has))
          ? undefined
          : `${machine.name} has no routes to pods on other Nodes`
      },
      confirmed: `${machine.name} has no route to pods on other Nodes`,
      cleared: `${machine.name} has its routes to pods on other Nodes`,
    })
  },
})
