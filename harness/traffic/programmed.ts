import type { V1EndpointSlice } from '@kubernetes/client-node'
import { agnhostPorts } from '../cluster/agnhost.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'

/**
 * Resolves once every kernel that is left sends a Service's connections to exactly the endpoints that its slices call
 * ready: from then on an uneven draw is kube-proxy's choice and not its lag.
 */
export async function programmedEverywhere(
  cluster: Cluster,
  service: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const running = await Promise.all(cluster.nodes.map((machine) => machine.running()))
  const machines = cluster.nodes.filter((_, n) => running[n])
  await Promise.all(
    machines.map((machine) =>
      eventually(
        `the rules of ${service.namespace}/${service.name} on ${machine.name} to match its slices`,
        async () => {
          const [wanted, found] = await Promise.all([
            readyAddresses(cluster, service),
            ruledAddresses(machine, service),
          ])
          if (!sameOnes(wanted, found))
            throw new Error(`rules for ${[...found].join(' ')}, ready ${[...wanted].join(' ')}`)
          return true
        },
        { withinMs: 60_000, everyMs: 200, signal },
      ),
    ),
  )
}

async function readyAddresses(
  { kubernetes }: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<Set<string>> {
  const selector = `kubernetes.io/service-name=${name}`
  const slices = await kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', namespace, selector)
  const ready = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready)
  return new Set(ready.flatMap(({ addresses }) => addresses))
}

/** Where the kernel's rules rewrite the Service's packets to, whichever way kube-proxy wrote them. */
async function ruledAddresses(
  machine: Machine,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<Set<string>> {
  const dump = async (argv: readonly string[]): Promise<string> =>
    (await machine.call('exec', { argv, timeoutMs: 10_000 })).stdout
  const [iptables, nftables] = await Promise.all([
    dump(['iptables-save', '-t', 'nat']),
    dump(['nft', 'list', 'chains', 'ip']),
  ])
  const rewritten = iptables
    .split('\n')
    .filter((line) => line.includes(`"${namespace}/${name}:`))
    .flatMap((line) => /--to-destination ([\d.]+):\d+/.exec(line)?.[1] ?? [])
  const endpointChain = new RegExp(
    `endpoint-\\w+-${namespace}/${name}/\\w+/\\w+__([\\d.]+)/${agnhostPorts.tcp}\\b`,
    'g',
  )
  return new Set([...rewritten, ...[...nftables.matchAll(endpointChain)].flatMap((match) => match[1] ?? [])])
}

function sameOnes(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((address) => other.has(address))
}
