import { expect, test } from 'vitest'
import { engine, machineRuntime } from '../../../harness/cluster/machine/engine.ts'
import { resolveImage } from '../../../harness/images/build/resolver.ts'
import { thawFromOutside } from '../../../harness/run/guardian/thaw-from-outside.ts'

/*
 * The container that thaws a machine from outside uses the machine's own image. A third-party image may declare volumes, as k3s
 * does: the engine creates them for each container, and they must be removed with it.
 */

test('the container that thaws a machine leaves no volumes of its image', async () => {
  const docker = await engine()
  const { reference } = await resolveImage()
  const runtime = await machineRuntime(docker)
  const HostConfig = runtime ? { Runtime: runtime } : {}
  await using cleanup = new AsyncDisposableStack()
  const make = async (Image: string) => {
    const made = await docker.createContainer({ Image, Cmd: ['true'], HostConfig })
    cleanup.defer(() => made.remove({ force: true, v: true }))
    return made
  }
  const plain = await make(reference)
  const { Id: withVolume } = (await plain.commit({ changes: 'VOLUME /var/lib/third-party', pause: false })) as {
    Id: string
  }
  cleanup.defer(() => docker.getImage(withVolume).remove())
  const machine = await make(withVolume)
  const { Mounts } = await machine.inspect()
  expect(Mounts).toMatchObject([{ Type: 'volume', Destination: '/var/lib/third-party' }])

  const volumes = async (): Promise<string[]> => (await docker.listVolumes()).Volumes.map(({ Name }) => Name)
  const before = await volumes()
  await thawFromOutside(machine)
  expect((await volumes()).filter((name) => !before.includes(name))).toEqual([])
})
