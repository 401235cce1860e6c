import type Dockerode from 'dockerode'
import { engine } from '../cluster/engine.ts'
import { labels, runLabel } from '../cluster/labels.ts'

/** Where a fault mounts a file system that it may freeze: cluster/agent/etcd-disk.ts. */
const disk = '/run/holdfast/disk'

/**
 * Thaws through a thread that is stuck: it still has the machine's files as its root, when the rest of its process has none
 * any more. Asked for with the container's id, which is in the name of every one of its processes' control groups.
 */
const script = `for group in $(grep -l "$1" /proc/[0-9]*/cgroup); do
  for thread in "\${group%/cgroup}"/task/*; do
    fsfreeze -u "$thread/root${disk}" && exit 0
  done
done
exit 0`

/**
 * The last way to thaw a file system: a machine that was killed while one of its own was frozen can't end, because who
 * writes there can't be killed, and nothing can be run in it any more. Done from a container of its own that sees the
 * host's processes. Where there is nothing to thaw nothing happens.
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
    // An image that is not ours may ask for volumes.
    await rescue.remove({ force: true, v: true })
  }
}
