import type { V1Service } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { multiAgentFault } from '../engine/multi-agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'

const dnsPort = 53

/**
 * Blocks DNS queries of machines and their pods to the cluster IP of the DNS Service, before DNAT: no other Service and no
 * other machine is affected. It does not fake answers, and queries to a CoreDNS pod's own address pass.
 */
export const dnsFailure = defineFault({
  name: 'dns-failure',
  describe: 'Blocks DNS queries of machines and their pods to the cluster DNS',
  hits: 'group',
  evidence: { confirmed: "each machine's rules have matched a test query", cleared: 'the tables are gone' },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({
    /** `refused`: UDP receives "port unreachable", TCP an RST. */
    how: z
      .enum(['silent', 'refused'])
      .default('silent')
      .describe('`silent`: no answer; `refused`: an immediate refusal'),
  }),
  create: (machines, { how }, { cluster }) => dnsFault(cluster, machines, how),
})

function dnsFault(cluster: Cluster, machines: readonly Machine[], how: 'silent' | 'refused'): FaultBody {
  const address = async (): Promise<string | undefined> =>
    (
      await cluster.kubernetes.read<V1Service>({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'kube-system', name: 'kube-dns' },
      })
    ).spec?.clusterIP
  let to: Promise<string | undefined> | undefined
  const server = async (): Promise<string> => (await (to ??= address())) ?? ''
  return multiAgentFault({
    target: { machines: machines.map(({ name }) => name) },
    claims: machines.map(({ name }) => `${name}/dns`),
    shares: machines.map((machine) => ({
      machine,
      action: async (id) => ({
        do: 'cut',
        params: {
          table: kernelName(id),
          place: 'queries',
          rules: [{ label: 'dns', to: await server(), port: dnsPort, destination: true }],
          fate: { do: how === 'silent' ? 'drop' : 'reset' },
        },
      }),
    })),
    available: async () => {
      const outside = machines.find(({ node }) => !node)
      if (outside) return `${outside.name} is not a Node and does not use the cluster DNS`
      return (await server()) === '' ? 'the cluster has no Service kube-system/kube-dns' : undefined
    },
    provoke: async () => {
      const spec = { to: await server(), protocol: 'udp', port: dnsPort, times: 1, bytes: 1 } as const
      return Promise.all(machines.map((machine) => machine.call('sendTestPackets', spec)))
    },
    by: ({ met, labels }) => met === labels,
    confirmed: (machine) => `queries of ${machine.name} to the cluster DNS are blocked`,
    cleared: (machine) => `the rules on ${machine.name} are gone`,
  })
}
