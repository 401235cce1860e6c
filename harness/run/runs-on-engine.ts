import type Dockerode from 'dockerode'
import { engine } from '../cluster/engine.ts'
import { ownerLabel, runLabel } from '../cluster/labels.ts'
import { type Here, type Owner, here, isMine, lifeOf, parseOwner } from '../host/ownership.ts'
import { pinEngine } from '../host/pinned-engine.ts'

/** Something of a run in Docker. */
export interface Leftover {
  readonly kind: 'container' | 'network' | 'volume'
  readonly id: string
  readonly name: string
  readonly run: string
  /** Undefined where it has no label that can be read. */
  readonly owner: Owner | undefined
}

/** `kept`: left up on purpose, until `holdfast down`. `unknown`: nothing here proves that its owner is dead. */
export type RunState = 'alive' | 'kept' | 'dead' | 'unknown'

export interface RunOnEngine {
  readonly run: string
  readonly state: RunState
  /** The run's own folder on its owner's host; '' where it is not known. */
  readonly folder: string
  /** Created by this user, from this home and host. */
  readonly mine: boolean
  readonly owner: Owner | undefined
  readonly parts: readonly Leftover[]
}

/** Every run that has an object in Docker, of any user: the engine is the only record. */
export async function findRuns(): Promise<RunOnEngine[]> {
  const from = here((await pinEngine()).host.startsWith('unix:'))
  const byRun = Map.groupBy(await findLeftovers(), ({ run }) => run)
  return Promise.all([...byRun].map(([run, parts]) => describeRun(run, parts, from)))
}

export async function findRun(run: string): Promise<RunOnEngine | undefined> {
  return (await findRuns()).find((one) => one.run === run)
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

/** A run has several owners where another process let a machine join it: it is dead only when all of them are. */
async function describeRun(run: string, parts: readonly Leftover[], from: Here): Promise<RunOnEngine> {
  const lives = new Set(parts.map(({ owner }) => lifeOf(owner, from)))
  const owners = parts.flatMap(({ owner }) => owner ?? [])
  const state = (await isKept(parts)) ? 'kept' : (['alive', 'unknown', 'dead'] as const).find((life) => lives.has(life))
  const [owner] = owners.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  return { run, state: state ?? 'unknown', folder: folderOf(parts), mine: owners.some(isMine), owner, parts }
}

/** The run's own folder on its owner's host; '' where it is not known. */
export function folderOf(parts: readonly Leftover[]): string {
  return parts.flatMap(({ owner }) => owner?.folder || []).at(0) ?? ''
}

/** A container's labels can't be changed when a run is kept, its restart policy can: `outliveEngine` sets it. */
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
    // Removed since it was listed.
    if ((error as { statusCode?: number }).statusCode === 404) return ''
    throw error
  }
}
