import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-fs'
import { engine } from '../../cluster/machine/engine.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { paths } from '../../agent/paths.ts'

/** Copies the components' logs from all machines, also stopped ones. Skips machines that no longer exist. */
export async function collectLogs(machines: readonly Machine[], folder: string): Promise<void> {
  const docker = await engine()
  await Promise.allSettled(
    machines.map(async (machine) => {
      const target = join(folder, 'logs', machine.name)
      await mkdir(target, { recursive: true })
      const archive = await docker.getContainer(machine.containerId).getArchive({ path: `${paths.logs}/.` })
      await pipeline(archive, tar.extract(target))
    }),
  )
}
