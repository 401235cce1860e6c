import type { Distribution, MachineParts, PreparedCluster } from '../distribution/distribution.ts'
import type { MachineSpec } from './machine-spec.ts'
import { specs } from './specs.ts'
import type { Subnets } from './subnets.ts'
import { type Topology, nextWorker } from '../topology.ts'

/**
 * A worker that can join later, with its certificate and its container's parts. Plain data, made while a cluster boots:
 * only the process that makes a cluster has the authorities' keys.
 */
export interface Spare {
  readonly spec: MachineSpec
  readonly parts: MachineParts
}

/** Returns the machines to boot, and the one that may join them later. */
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
