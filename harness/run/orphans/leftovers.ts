import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import { engine } from '../../cluster/machine/engine.ts'
import { type Leftover, findLeftovers, folderOf } from './runs-on-engine.ts'
import { thawFromOutside } from '../guardian/thaw-from-outside.ts'
import { thawAll, undoIntents } from '../guardian/undo-intents.ts'

/**
 * Removes all Docker objects of one run, containers first. Objects that no longer exist count as removed. One that can't be
 * removed does not keep the others.
 * @throws HoldfastError HF_NOT_REMOVED
 */
export async function removeRun(run: string): Promise<void> {
  const found = await partsOf(run)
  if (found.length === 0) return
  await unblockRemoval(run, folderOf(found))
  // List again: that may have removed or created objects.
  await removeAll(await engine(), await partsOf(run))
}

async function partsOf(run: string): Promise<Leftover[]> {
  return (await findLeftovers()).filter((one) => one.run === run)
}

/**
 * Reverts what blocks removal: not every engine can kill a frozen machine, a process that waits for a frozen file system can't
 * be killed, and a loop device outlives its container. Errors here must not block the removal of the rest.
 */
async function unblockRemoval(run: string, folder: string): Promise<void> {
  await thawAll(run)
  if (folder !== '') await undoIntents(run, folder).catch(() => undefined)
}

async function removeAll(docker: Dockerode, leftovers: readonly Leftover[]): Promise<void> {
  const of = (kind: Leftover['kind']): readonly Leftover[] => leftovers.filter((one) => one.kind === kind)
  const failures = [
    ...(await failuresOf(of('container'), ({ id }) => removed(docker.getContainer(id)))),
    ...(await failuresOf(of('network'), ({ id }) => gone(docker.getNetwork(id).remove()))),
    ...(await failuresOf(of('volume'), ({ id }) => gone(docker.getVolume(id).remove()))),
  ]
  if (failures.length === 0) return
  throw new HoldfastError('HF_NOT_REMOVED', `Docker did not remove ${failures.join('; ')}.`, {
    hint: '`holdfast clean` tries again. If Docker refuses a network without containers, restart Docker: its count of endpoints is wrong.',
  })
}

async function failuresOf(parts: readonly Leftover[], remove: (part: Leftover) => Promise<void>): Promise<string[]> {
  const results = await Promise.allSettled(parts.map(remove))
  return results.flatMap((result, index) =>
    result.status === 'rejected' ? `${parts[index]?.kind} ${parts[index]?.name}: ${errorMessage(result.reason)}` : [],
  )
}

/** A machine ends within a fraction of a second, unless a frozen file system blocks it. */
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
    // The engine gave up on a container that did not end; after the thaw it ends.
    await rescued
    await remove()
  } finally {
    rescue.abort()
    // The rescue has a container of its own, which must be gone before the caller's process ends.
    await rescued
  }
}

async function gone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    // 404: no such object; 409: another process is removing it.
    if (statusCode !== 404 && statusCode !== 409) throw error
  }
}
