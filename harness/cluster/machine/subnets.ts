import type { NetworkInspectInfo } from 'dockerode'
import type Dockerode from 'dockerode'
import { networkInterfaces } from 'node:os'
import { StartedNetwork, getContainerRuntimeClient } from 'testcontainers'
import { HoldfastError } from '../../common/errors.ts'
import { type Labelled, labels, runLabel } from './labels.ts'

/** A /24 of Holdfast's; `prefix` is its first three octets. */
interface Subnet {
  readonly prefix: string
}

export interface Subnets {
  readonly cluster: Subnet
  readonly peers: Subnet
}

interface StartedNetworks {
  readonly subnets: Subnets
  readonly cluster: StartedNetwork
  readonly peers: StartedNetwork
}

/** The candidates for free networks: 10.213.0.0/16 is seldom routed, and pods and Services use other ranges. */
const candidates: readonly string[] = Array.from({ length: 250 }, (_, n) => `10.213.${n}`)

/**
 * Creates the two networks of a cluster on free subnets. Docker itself decides a race between two clusters that start at
 * once: it refuses an overlapping subnet, and the next free one is tried.
 * @throws HoldfastError HF_NO_SUBNET
 */
export async function startNetworks(labelled: Labelled): Promise<StartedNetworks> {
  const { run } = labelled
  const client = await getContainerRuntimeClient()
  const docker = client.container.dockerode
  const create = async (part: string): Promise<{ network: StartedNetwork; subnet: Subnet }> => {
    // Docker may have kept a network of an earlier cluster of this run.
    const earlier = (await networksNamed(docker, run, part)).length
    const name = networkName(run, part) + (earlier > 0 ? `-${earlier + 1}` : '')
    for (const prefix of await freePrefixes(docker)) {
      try {
        const network = await docker.createNetwork({
          Name: name,
          CheckDuplicate: true,
          Driver: 'bridge',
          IPAM: { Config: [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }] },
          Labels: labels(labelled),
        })
        return { network: new StartedNetwork(client, name, network), subnet: { prefix } }
      } catch (error) {
        if (!/overlap|address space/i.test(String(error))) throw error
      }
    }
    throw new HoldfastError('HF_NO_SUBNET', 'No free /24 is left in 10.213.0.0/16 for the cluster networks.', {
      hint: 'Remove unused Docker networks (`holdfast clean`, `docker network prune`).',
    })
  }
  const cluster = await create('cluster')
  const peers = await create('peers')
  return {
    subnets: { cluster: cluster.subnet, peers: peers.subnet },
    cluster: cluster.network,
    peers: peers.network,
  }
}

/** Returns the networks of a run's current cluster. */
export async function networksOf(run: string): Promise<Pick<StartedNetworks, 'cluster' | 'peers'>> {
  const client = await getContainerRuntimeClient()
  const docker = client.container.dockerode
  const latest = async (part: string): Promise<StartedNetwork> => {
    const name = (await networksNamed(docker, run, part)).at(-1) ?? networkName(run, part)
    return new StartedNetwork(client, name, docker.getNetwork(name))
  }
  return { cluster: await latest('cluster'), peers: await latest('peers') }
}

/** The names of a run's networks for one purpose, the oldest first. */
async function networksNamed(docker: Dockerode, run: string, part: string): Promise<string[]> {
  const base = networkName(run, part)
  const networks = await docker.listNetworks({ filters: { label: [`${runLabel}=${run}`] } })
  return networks
    .filter(({ Name }) => Name === base || Name.startsWith(`${base}-`))
    .toSorted((a, b) => a.Created.localeCompare(b.Created))
    .map(({ Name }) => Name)
}

function networkName(run: string, part: string): string {
  return `holdfast-${run}-${part}`
}

async function freePrefixes(docker: Dockerode): Promise<string[]> {
  const networks: NetworkInspectInfo[] = await docker.listNetworks()
  const taken = new Set<string>()
  for (const network of networks) {
    for (const { Subnet } of network.IPAM?.Config ?? []) taken.add((Subnet ?? '').split('.').slice(0, 3).join('.'))
  }
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) taken.add(address.split('.').slice(0, 3).join('.'))
  }
  return candidates.filter((prefix) => !taken.has(prefix))
}
