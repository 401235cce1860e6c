import type { Distribution, MachineParts, PreparedCluster } from './distribution/distribution.ts'
import { type MachineSpec, specs } from './machine-spec.ts'
import type { Subnets } from './subnets.ts'
import { type Topology, nextWorker } from './topology.ts'

/**
 * A worker that is not there yet, with its certificate and all that its container is made of. Plain data, made while a cluster
 * boots: who made the cluster is the only one to have the authorities' keys.
 */
export interface Spare {
  readonly spec: MachineSpec
  readonly parts: MachineParts
}

/** The machines that are to be booted, and the one that may join them later. */
export function planned(
  topology: Topology,
  subnets: Subnets,
  distribution: Distribution,
): { readonly booted: readonly MachineSpec[]; readonly spare: MachineSpec } {
  const next = nextWorker(topology)
  const all = specs({ ...topology, machines: [...topology.machines, next] }, subnets, distribution)
  const spare = all.find(({ name }) => name === next.name)
  if (!spare) throw new Error(`${next.name} was not planned`)
  return { booted: all.filter((one) => one !== spare), spare }
}

export function spareOf(spec: MachineSpec, prepared: PreparedCluster): Spare {
  return { spec, parts: prepared.machine(spec) }
}
