import { expect, test } from 'vitest'
import { engine, machineRuntime } from '../../harness/cluster/engine.ts'
import { resolveImage } from '../../harness/images/resolver.ts'
import { thawFromOutside } from '../../harness/run/thaw-from-outside.ts'

/*
 * What frees a machine from outside is started from the machine's own image. One that is not ours may ask for volumes, as k3s'
 * does: the engine makes them for each of its containers, and they have to go with it.
 */

test('a container that frees a machine leaves none of the volumes that its image asks for', async () => {
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
  const { Id: asking } = (await plain.commit({ changes: 'VOLUME /var/lib/theirs', pause: false })) as { Id: string }
  cleanup.defer(() => docker.getImage(asking).remove())
  const machine = await make(asking)
  const { Mounts } = await machine.inspect()
  expect(Mounts).toMatchObject([{ Type: 'volume', Destination: '/var/lib/theirs' }])

  const volumes = async (): Promise<string[]> => (await docker.listVolumes()).Volumes.map(({ Name }) => Name)
  const before = await volumes()
  await thawFromOutside(machine)
  expect((await volumes()).filter((name) => !before.includes(name))).toEqual([])
})
