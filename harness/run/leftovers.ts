import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { engine } from '../cluster/engine.ts'
import { runLabel } from '../cluster/labels.ts'
import { isAlive, readOwner, removeOwner } from './owner.ts'
import { thawFromOutside } from './thaw-from-outside.ts'
import { thawAll, undoIntents } from './undo-intents.ts'

/** Something of ours in Docker. `alive` is true while the run that made it goes on, or when it is kept on purpose. */
export interface Leftover {
  readonly kind: 'container' | 'network' | 'volume'
  readonly id: string
  readonly name: string
  readonly run: string
  readonly alive: boolean
}

/** Everything in Docker that carries our label. */
export async function findLeftovers(): Promise<Leftover[]> {
  const docker = await engine()
  const filters = { label: [runLabel] }
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ])
  const found = [
    ...containers.map(({ Id, Names, Labels }) => ({
      kind: 'container' as const,
      id: Id,
      name: (Names[0] ?? Id).replace(/^\//, ''),
      run: Labels[runLabel] ?? '',
    })),
    ...networks.map(({ Id, Name, Labels }) => ({
      kind: 'network' as const,
      id: Id,
      name: Name,
      run: Labels?.[runLabel] ?? '',
    })),
    ...(volumes ?? []).map(({ Name, Labels }) => ({
      kind: 'volume' as const,
      id: Name,
      name: Name,
      run: Labels?.[runLabel] ?? '',
    })),
  ]
  const alive = new Map<string, boolean>()
  for (const { run } of found) if (!alive.has(run)) alive.set(run, isAlive(await readOwner(run)))
  return found.map((one) => ({ ...one, alive: alive.get(one.run) ?? false }))
}

/** Removes them, containers first. One that is gone already counts as removed. */
export async function removeLeftovers(leftovers: readonly Leftover[]): Promise<void> {
  const docker = await engine()
  for (const run of new Set(leftovers.map(({ run }) => run))) await undoWhatWedges(run)
  await removeAll(docker, leftovers)
  for (const run of new Set(leftovers.map(({ run }) => run))) await removeOwner(run)
}

/** Everything of one run. */
export async function removeRun(run: string): Promise<void> {
  const docker = await engine()
  await undoWhatWedges(run)
  const all = await findLeftovers()
  await removeAll(
    docker,
    all.filter((one) => one.run === run),
  )
}

/**
 * Before a machine is removed: a frozen one can't be killed by every engine, nor can a process that waits for a frozen file
 * system, and a loop device outlives the container that made it. What can't be undone so must not keep the rest.
 */
async function undoWhatWedges(run: string): Promise<void> {
  await thawAll(run)
  const folder = (await readOwner(run))?.folder
  if (folder !== undefined) await undoIntents(run, folder).catch(() => undefined)
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
