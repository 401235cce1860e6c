import { type MachineSpec, isNode } from '../../machine/machine-spec.ts'
import type { ClusterOptions } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import { initFile } from '../init.ts'
import { controlPlaneFiles } from './control-plane.ts'
import { etcdFiles } from './etcd.ts'
import type { Identities } from './identities.ts'
import { nodeFiles } from './node.ts'

/** Returns the files that turn the one image into this machine. */
export function machineFiles(
  machine: MachineSpec,
  machines: readonly MachineSpec[],
  identities: Identities,
  options: ClusterOptions,
): MachineFile[] {
  const etcd = machines.filter(({ role }) => role === 'etcd')
  const controlPlane = machines.filter(({ role }) => role === 'control-plane')
  return [
    initFile(),
    ...(machine.role === 'etcd' ? etcdFiles(machine, etcd, identities) : []),
    ...(machine.role === 'control-plane' ? controlPlaneFiles(machine, etcd, identities, options) : []),
    ...(isNode(machine) ? nodeFiles(machine, controlPlane, identities, options) : []),
  ]
}
