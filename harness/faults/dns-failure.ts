import type { V1Service } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { kernelName } from './agent-fault.ts'
import { agentsFault } from './agents-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { kernelLacks } from './kernel-means.ts'

export interface DnsFailureOptions {
  /** `silent` (default): questions are never answered. `refused`: UDP is answered with "port unreachable", TCP with RST. */
  readonly how?: 'silent' | 'refused'
}

const dnsPort = 53

/**
 * The cluster's DNS can't be reached from a machine and its pods: their questions to the address of its Service end before
 * that is translated, so no other Service is touched and CoreDNS serves all other machines. An answer that is wrong (no such
 * name) is not to be had this way, nor are questions stopped that go to a CoreDNS pod by its own address.
 *
 * It has bitten when each machine's rules have met a question, which is sent on purpose; it has ended when its table is gone.
 */
export function dnsFailure(cluster: Cluster, machines: readonly Machine[], options: DnsFailureOptions = {}): Fault {
  const { how = 'silent' } = options
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
  return agentsFault({
    name: 'dns-failure',
    target: { machines: machines.map(({ name }) => name) },
    claims: machines.map(({ name }) => `${name}/dns`),
    shares: machines.map((machine) => ({
      machine,
      action: async (lease) => ({
        do: 'cut',
        params: {
          table: kernelName(lease),
          place: 'asking',
          rules: [{ label: 'dns', to: await server(), port: dnsPort, destination: true }],
          fate: { do: how === 'silent' ? 'drop' : 'reset' },
        },
      }),
    })),
    available: async () => {
      const outside = machines.find(({ node }) => !node)
      if (outside) return `${outside.name} is no Node and does not use the cluster's DNS`
      return (await server()) === '' ? 'the cluster has no Service kube-system/kube-dns' : undefined
    },
    provoke: async () => {
      const spec = { to: await server(), protocol: 'udp', port: dnsPort, times: 1, bytes: 1 } as const
      return Promise.all(machines.map((machine) => machine.call('knock', spec)))
    },
    by: ({ met, labels }) => met === labels,
    bit: (machine) => `questions of ${machine.name} to the cluster's DNS are ended`,
    ended: (machine) => `the rules on ${machine.name} are gone`,
  })
}

export const dnsFailureKind = faultKind({
  name: 'dns-failure',
  group: 'network',
  describe: "Ends the questions of machines and their pods to the cluster's DNS",
  hits: 'group',
  evidence: { bit: "each machine's rules have met a question", ended: 'the tables are gone' },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({
    how: z.enum(['silent', 'refused']).default('silent').describe('never answered, or refused at once'),
  }),
  make: (machines, options, { cluster }) => dnsFailure(cluster, machines, options),
})
