import type Docker from 'dockerode'
import { findImage, reason } from '../engine.ts'
import { pullImage } from './pull.ts'
import type { Report } from '../build/steps.ts'

/** A third-party image in the engine. */
export interface ForeignImage {
  readonly reference: string
  /** The engine's image id. */
  readonly id: string
  /** The digest in its registry; '' for an image from a file. */
  readonly digest: string
  readonly origin: 'present' | 'pulled'
}

interface Absent {
  readonly reference: string
  /** The reason, as a sentence without its full stop. */
  readonly absent: string
}

interface FindOptions {
  /** A registry mirror for third-party images, such as `mirror.example.com`. */
  readonly mirror?: string | undefined
  readonly report: Report
  readonly signal?: AbortSignal | undefined
}

/** Deadline for a registry's first answer. The pull itself has no deadline. */
const answerWithinMs = 5_000

/**
 * Finds an image in the engine, or pulls it. A reference with a digest stands for exactly that content. Returns a reason if no registry
 * has it.
 * @throws HoldfastError HF_NO_ENGINE; the signal's reason
 */
export async function foreignImage(
  docker: Docker,
  reference: string,
  { mirror, report, signal }: FindOptions,
): Promise<ForeignImage | Absent> {
  const remote = mirrored(reference, mirror)
  const pinned = digestOf(reference)
  // An engine does not tag an image that was pulled by digest.
  const names = pinned ? [reference, remote] : [reference]
  const present = await described(docker, reference, names, 'present')
  if (present) return present
  try {
    await registryAnswers(docker, remote)
    report('phase', `pulling ${remote}`)
    await pullImage(docker, remote, (text) => report('detail', text), signal)
  } catch (error) {
    signal?.throwIfAborted()
    const why = [reason(error), ...(pinned ? await otherwise(docker, reference) : [])].join('; ')
    return { reference, absent: `image ${reference} is neither present nor pullable (${why})` }
  }
  if (remote !== reference && !pinned) await docker.getImage(remote).tag(repositoryAndTag(reference))
  const pulled = await described(docker, reference, names, 'pulled')
  return pulled ?? { reference, absent: `image ${reference} is missing although it was pulled from ${remote}` }
}

function digestOf(reference: string): string | undefined {
  return reference.split('@')[1]
}

/** Describes the image that the engine has under the tag of a missing pinned reference. */
async function otherwise(docker: Docker, reference: string): Promise<string[]> {
  const [name = ''] = reference.split('@')
  const found = /:[^/]+$/.test(name) ? await findImage(docker, name) : undefined
  if (!found) return []
  const digest = found.RepoDigests?.[0]?.split('@')[1] ?? 'no digest'
  return [`${name} is present with ${digest}, which is not the pinned digest`]
}

/** Returns the same path in another registry. References to Docker Hub have no registry name. */
export function mirrored(reference: string, mirror: string | undefined): string {
  if (!mirror) return reference
  const [first = '', ...rest] = reference.split('/')
  const path = /[.:]/.test(first) ? rest.join('/') : reference
  return `${mirror.replace(/\/+$/, '')}/${path}`
}

async function described(
  docker: Docker,
  reference: string,
  names: readonly string[],
  origin: ForeignImage['origin'],
): Promise<ForeignImage | undefined> {
  for (const name of names) {
    const found = await findImage(docker, name)
    if (found) return { reference, id: found.Id, digest: found.RepoDigests?.[0]?.split('@')[1] ?? '', origin }
  }
  return undefined
}

/** Limits the wait for a registry's answer: the engine itself continues for longer, also after a disconnect. */
async function registryAnswers(docker: Docker, reference: string): Promise<void> {
  const timeout = AbortSignal.timeout(answerWithinMs)
  const silence = new Promise<never>((_, reject) =>
    timeout.addEventListener('abort', () => reject(new Error(`its registry did not answer in ${answerWithinMs} ms`))),
  )
  await Promise.race([docker.getImage(reference).distribution(), silence])
}

function repositoryAndTag(reference: string): { repo: string; tag: string } {
  const colon = reference.lastIndexOf(':')
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}
