import type Docker from 'dockerode'
import { findImage, reason } from './engine.ts'
import { pullImage } from './pull.ts'
import type { Say } from './steps.ts'

/** An image that others make, as the engine has it. */
export interface ForeignImage {
  readonly reference: string
  /** The engine's own id of it. */
  readonly id: string
  /** What its registry calls this very content; '' for one that came from a file. */
  readonly digest: string
  readonly origin: 'present' | 'pulled'
}

interface Absent {
  readonly reference: string
  /** A whole sentence without its full stop. */
  readonly absent: string
}

interface LookOptions {
  /** A registry that has what others have under the same paths, such as `mirror.example.com`. */
  readonly mirror?: string | undefined
  readonly say: Say
  readonly signal?: AbortSignal | undefined
}

/** A registry that does not even answer in this time is one that we can't have. A pull itself may take as long as it takes. */
const answerWithinMs = 5_000

/**
 * The engine's own, else pulled. A reference with a digest names that content and no other. Never rejects because a registry can't be
 * had: that is an answer. Errors: HF_NO_ENGINE; the signal's reason.
 */
export async function foreignImage(
  docker: Docker,
  reference: string,
  { mirror, say, signal }: LookOptions,
): Promise<ForeignImage | Absent> {
  const remote = mirrored(reference, mirror)
  const pinned = digestOf(reference)
  // An engine gives no second name to what it knows by its digest.
  const names = pinned ? [reference, remote] : [reference]
  const present = await described(docker, reference, names, 'present')
  if (present) return present
  try {
    await registryAnswers(docker, remote)
    say('phase', `pulling ${remote}`)
    await pullImage(docker, remote, (text) => say('detail', text), signal)
  } catch (error) {
    signal?.throwIfAborted()
    const why = [reason(error), ...(pinned ? await otherwise(docker, reference) : [])].join('; ')
    return { reference, absent: `image ${reference} is neither present nor pullable (${why})` }
  }
  if (remote !== reference && !pinned) await docker.getImage(remote).tag(repositoryAndTag(reference))
  const pulled = await described(docker, reference, names, 'pulled')
  return pulled ?? { reference, absent: `image ${reference} was pulled from ${remote} and is not there` }
}

function digestOf(reference: string): string | undefined {
  return reference.split('@')[1]
}

/** What the engine has under the tag of a reference whose digest it has not. */
async function otherwise(docker: Docker, reference: string): Promise<string[]> {
  const [name = ''] = reference.split('@')
  const found = /:[^/]+$/.test(name) ? await findImage(docker, name) : undefined
  if (!found) return []
  const digest = found.RepoDigests?.[0]?.split('@')[1] ?? 'no digest'
  return [`${name} is here with ${digest}, which is not what was pinned`]
}

/** The same path in another registry. Docker's own registry has no name in a reference. */
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

/** The engine goes on asking for longer than anybody wants to wait, whoever has hung up: its answer is then nobody's. */
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
