import { type MachineSpec, isNode } from '../../machine-spec.ts'
import type { ClusterOptions } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import { controlPlaneFiles } from './control-plane.ts'
import { etcdFiles } from './etcd.ts'
import type { Identities } from './identities.ts'
import { nodeFiles } from './node.ts'
import { paths } from './paths.ts'

/** Everything that turns the one image into this machine. */
export function machineFiles(
  machine: MachineSpec,
  machines: readonly MachineSpec[],
  identities: Identities,
  options: ClusterOptions,
): MachineFile[] {
  const etcd = machines.filter(({ role }) => role === 'etcd')
  const controlPlane = machines.filter(({ role }) => role === 'control-plane')
  return [
    { path: paths.init, content: init, mode: 0o755 },
    ...(machine.role === 'etcd' ? etcdFiles(machine, etcd, identities) : []),
    ...(machine.role === 'control-plane' ? controlPlaneFiles(machine, etcd, identities, options) : []),
    ...(isNode(machine) ? nodeFiles(machine, controlPlane, identities, options) : []),
  ]
}

/** Process 1: what a host's boot would have done for the kubelet, then the supervisor. On cgroup v2 only a leaf may hold processes. */
const init = `#!/bin/sh
mount --make-rshared /
mkdir -p ${paths.logs} /run/cni
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/machine
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/machine/cgroup.procs; done < /sys/fs/cgroup/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
fi
exec runsvdir ${paths.services}
`
