import type Dockerode from 'dockerode'
import { engine } from '../../cluster/machine/engine.ts'
import { labels, runLabel } from '../../cluster/machine/labels.ts'

/** Mount point of a file system that a fault may freeze: agent/etcd/etcd-disk.ts. */
const disk = '/run/holdfast/disk'

/**
 * Thaws through a stuck thread, which still has the machine's root file system when the rest of its process no longer does.
 * $1 is the container's id, which is part of the name of each of its control groups.
 */
const script = `for group in $(grep -l "$1" /proc/[0-9]*/cgroup); do
  for thread in "\${group%/cgroup}"/task/*; do
    fsfreeze -u "$thread/root${disk}" && exit 0
  done
done
exit 0`

/**
 * Thaws a killed machine's file system from a separate container with the host's pid namespace. Such a machine can't end,
 * because its writers can't be killed, and nothing can be run in it. Does nothing if no file system is frozen.
 */
export async function thawFromOutside(container: Dockerode.Container): Promise<void> {
  const { Id, Image, HostConfig, Config } = await container.inspect()
  const docker = await engine()
  const rescue = await docker.createContainer({
    Image,
    Entrypoint: ['sh', '-c', script, 'thaw', Id],
    Labels: labels({ run: Config.Labels[runLabel] ?? '', folder: '' }),
    HostConfig: {
      Privileged: true,
      PidMode: 'host',
      NetworkMode: 'none',
      ...(HostConfig.Runtime ? { Runtime: HostConfig.Runtime } : {}),
    },
  })
  try {
    await rescue.start()
    await rescue.wait()
  } finally {
    // A third-party image may declare volumes.
    await rescue.remove({ force: true, v: true })
  }
}
