import { engine } from '../cluster/engine.ts'
import { runLabel } from '../cluster/labels.ts'

/**
 * Makes a run a kept one, for everybody who uses the engine: its containers' restart policy says so (runs-on-engine.ts). Has
 * the engine start a run's machines again when it has itself been killed or restarted: their owner is not there to do it.
 * An engine that comes back ends first what it had left running, and takes that for ended on purpose: `unless-stopped` would
 * leave it so. While the engine runs, what was switched off stays off.
 */
export async function outliveEngine(run: string): Promise<void> {
  const docker = await engine()
  const containers = await docker.listContainers({ all: true, filters: { label: [`${runLabel}=${run}`] } })
  const update = { RestartPolicy: { Name: 'always' } }
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).update(update)))
}
