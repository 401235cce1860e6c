import type { Cluster } from '../../harness/cluster/cluster.ts'
import type { Machine } from '../../harness/cluster/machine/machine.ts'

/** The machines of a scenario, two of each zone: a zone with fewer than three lost Nodes still evicts. */
export interface SilentMachines {
  readonly dead: Machine
  readonly deleted: Machine
  readonly frozen: Machine
  readonly separated: Machine
}

/** Chooses the machines. The Nodes of `frozen` and `separated` are in one zone, and are tainted one after the other. */
export function silentMachines(cluster: Cluster, client: Machine): SilentMachines {
  const others = cluster.workers.filter((machine) => machine !== client)
  const [dead, deleted] = others.filter(({ spec }) => spec.zone === client.spec.zone)
  const [frozen, separated] = others.filter(({ spec }) => spec.zone !== client.spec.zone)
  if (dead && deleted && frozen && separated) return { dead, deleted, frozen, separated }
  throw new Error('the scenario needs two workers in each of two zones, beside the one with the client')
}
