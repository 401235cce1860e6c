import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { engine } from '../cluster/engine.ts'
import { type Leftover, findLeftovers, folderOf } from './runs-on-engine.ts'
import { thawFromOutside } from './thaw-from-outside.ts'
import { thawAll, undoIntents } from './undo-intents.ts'

/** Removes everything of one run, containers first. What is gone already counts as removed. */
export async function removeRun(run: string): Promise<void> {
  const found = await partsOf(run)
  if (found.length === 0) return
  await undoWhatWedges(run, folderOf(found))
  // Once more: that may have removed or made something.
  await removeAll(await engine(), await partsOf(run))
}

async function partsOf(run: string): Promise<Leftover[]> {
  return (await findLeftovers()).filter((one) => one.run === run)
}

/**
 * Before a machine is removed: a frozen one can't be killed by every engine, nor can a process that waits for a frozen file
 * system, and a loop device outlives the container that made it. What can't be undone so must not keep the rest.
 */
async function undoWhatWedges(run: string, folder: string): Promise<void> {
  await thawAll(run)
  if (folder !== '') await undoIntents(run, folder).catch(() => undefined)
}

async function removeAll(docker: Dockerode, leftovers: readonly Leftover[]): Promise<void> {
  const of = (kind: Leftover['kind']): readonly Leftover[] => leftovers.filter((one) => one.kind === kind)
  await Promise.all(of('container').map(({ id }) => removed(docker.getContainer(id))))
  await Promise.all(of('network').map(({ id }) => gone(docker.getNetwork(id).remove())))
  await Promise.all(of('volume').map(({ id }) => gone(docker.getVolume(id).remove())))
}

/** A machine takes a fraction of a second to end. One that does not is held by a file system that is frozen. */
const endsWithinMs = 4_000

async function removed(container: Dockerode.Container): Promise<void> {
  const remove = (): Promise<void> => gone(container.remove({ force: true, v: true }))
  const rescue = new AbortController()
  const rescued = delay(endsWithinMs, undefined, { signal: rescue.signal }).then(
    () => thawFromOutside(container).catch(() => undefined),
    () => undefined,
  )
  try {
    await remove()
  } catch {
    // The engine gives up on one that does not end: it does when it is thawed.
    await rescued
    await remove()
  } finally {
    rescue.abort()
    // A rescue that has begun has a container of its own: whoever waits for this removal may be gone right after it.
    await rescued
  }
}

async function gone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    // 404: no such object; 409: somebody else is removing it now.
    if (statusCode !== 404 && statusCode !== 409) throw error
  }
}
