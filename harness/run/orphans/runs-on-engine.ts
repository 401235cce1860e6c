import type Dockerode from 'dockerode'
import { engine } from '../../cluster/machine/engine.ts'
import { ownerLabel, runLabel } from '../../cluster/machine/labels.ts'
import { type Here, type Owner, here, isMine, lifeOf, parseOwner } from '../../host/ownership.ts'
import { pinEngine } from '../../host/engine/pinned-engine.ts'

/** A Docker object of a run. */
export interface Leftover {
  readonly kind: 'container' | 'network' | 'volume'
  readonly id: string
  readonly name: string
  readonly run: string
  /** Undefined without a readable label. */
  readonly owner: Owner | undefined
}

/** `kept`: stays until `holdfast down`. `unknown`: this process can't prove that the owner is dead. */
export type RunState = 'alive' | 'kept' | 'dead' | 'unknown'

export interface RunOnEngine {
  readonly run: string
  readonly state: RunState
  /** The run's folder on its owner's host; '' if unknown. */
  readonly folder: string
  /** Created by this user, from this home and host. */
  readonly mine: boolean
  readonly owner: Owner | undefined
  readonly parts: readonly Leftover[]
}

/** Finds every run of any user that has an object in Docker: the engine is the only record. */
export async function findRuns(): Promise<RunOnEngine[]> {
  const from = here((await pinEngine()).host.startsWith('unix:'))
  const byRun = Map.groupBy(await findLeftovers(), ({ run }) => run)
  return Promise.all([...byRun].map(([run, parts]) => describeRun(run, parts, from)))
}

export async function findRun(run: string): Promise<RunOnEngine | undefined> {
  return (await findRuns()).find((one) => one.run === run)
}

/** Finds all Docker objects with Holdfast's label. */
export async function findLeftovers(): Promise<Leftover[]> {
  const docker = await engine()
  const filters = { label: [runLabel] }
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ])
  return [
    ...containers.map(({ Id, Names, Labels }) => part('container', Id, (Names[0] ?? Id).replace(/^\//, ''), Labels)),
    ...networks.map(({ Id, Name, Labels }) => part('network', Id, Name, Labels)),
    ...(volumes ?? []).map(({ Name, Labels }) => part('volume', Name, Name, Labels)),
  ]
}

function part(
  kind: Leftover['kind'],
  id: string,
  name: string,
  labels: Readonly<Record<string, string>> | undefined,
): Leftover {
  return { kind, id, name, run: labels?.[runLabel] ?? '', owner: parseOwner(labels?.[ownerLabel]) }
}

/** A run has several owners if another process let a machine join. It is dead only if all of them are. */
async function describeRun(run: string, parts: readonly Leftover[], from: Here): Promise<RunOnEngine> {
  const lives = new Set(parts.map(({ owner }) => lifeOf(owner, from)))
  const owners = parts.flatMap(({ owner }) => owner ?? [])
  const state = (await isKept(parts)) ? 'kept' : (['alive', 'unknown', 'dead'] as const).find((life) => lives.has(life))
  const [owner] = owners.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  return { run, state: state ?? 'unknown', folder: folderOf(parts), mine: owners.some(isMine), owner, parts }
}

/** Returns the run's folder on its owner's host; '' if unknown. */
export function folderOf(parts: readonly Leftover[]): string {
  return parts.flatMap(({ owner }) => owner?.folder || []).at(0) ?? ''
}

/** `outliveEngine` marks a kept run by its restart policy, because a container's labels can't be changed. */
async function isKept(parts: readonly Leftover[]): Promise<boolean> {
  const docker = await engine()
  const containers = parts.filter(({ kind }) => kind === 'container')
  const policies = await Promise.all(containers.map(({ id }) => restartPolicy(docker.getContainer(id))))
  return policies.includes('always')
}

async function restartPolicy(container: Dockerode.Container): Promise<string> {
  try {
    return (await container.inspect()).HostConfig.RestartPolicy?.Name ?? ''
  } catch (error) {
    // Removed after it was listed.
    if ((error as { statusCode?: number }).statusCode === 404) return ''
    throw error
  }
}
