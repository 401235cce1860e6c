import { engine } from '../../cluster/machine/engine.ts'
import { runLabel } from '../../cluster/machine/labels.ts'

/**
 * Marks a run as kept for all users of the engine, by the restart policy of its containers (runs-on-engine.ts). The engine then
 * starts the machines after its own restart. `unless-stopped` would not: a restarted engine first stops containers that it left
 * running and treats that as stopped on purpose. While the engine runs, stopped machines stay stopped.
 */
export async function outliveEngine(run: string): Promise<void> {
  const docker = await engine()
  const containers = await docker.listContainers({ all: true, filters: { label: [`${runLabel}=${run}`] } })
  const update = { RestartPolicy: { Name: 'always' } }
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).update(update)))
}
