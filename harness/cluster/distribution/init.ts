import { relative } from 'node:path'
import type { MachineFile } from './files.ts'
import { paths } from '../../agent/paths.ts'

/** Where an image has the parts of its process 1. */
interface Tools {
  /** The interpreter of the script. */
  readonly shell: string
  /** Folders that are searched first. */
  readonly path?: string
  /** Run before the supervisor. */
  readonly before?: string
}

/**
 * The supervisors' state is in memory: on a disk, each write at a death or start would wait whenever etcd's syncs have
 * the journal written out. Relative to a service's folder, so that the sidecar of a k3s machine finds it too.
 */
const toRun = relative(`${paths.services}/any`, '/run')

/**
 * Process 1: does what a host's boot would have done for the kubelet, then runs the supervisor. On cgroup v2 only a leaf
 * may hold processes.
 */
export function initFile({ shell, path, before = '' }: Tools = { shell: '/bin/sh' }): MachineFile {
  const content = `#!${shell}
${path ? `export PATH=${path}:$PATH\n` : ''}${before}mount --make-rshared /
mkdir -p ${paths.logs} /run/cni
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/machine
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/machine/cgroup.procs; done < /sys/fs/cgroup/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
fi
for service in ${paths.services}/*; do
  [ -L "$service/supervise" ] || { rm -rf "$service/supervise" && ln -s "${toRun}/supervise-\${service##*/}" "$service/supervise"; }
done
exec runsvdir ${paths.services}
`
  return { path: paths.init, content, mode: 0o755 }
}
