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

/** The engine's own, else pulled. Never rejects because a registry can't be had: that is an answer. Errors: HF_NO_DOCKER; the signal's reason. */
export async function foreignImage(
  docker: Docker,
  reference: string,
  { mirror, say, signal }: LookOptions,
): Promise<ForeignImage | Absent> {
  const present = await describe(docker, reference, 'present')
  if (present) return present
  const remote = mirrored(reference, mirror)
  try {
    await registryAnswers(docker, remote)
    say('phase', `pulling ${remote}`)
    await pullImage(docker, remote, (text) => say('detail', text), signal)
  } catch (error) {
    signal?.throwIfAborted()
    return { reference, absent: `image ${reference} is neither present nor pullable (${reason(error)})` }
  }
  if (remote !== reference) await docker.getImage(remote).tag(repositoryAndTag(reference))
  const pulled = await describe(docker, reference, 'pulled')
  return pulled ?? { reference, absent: `image ${reference} was pulled from ${remote} and is not there` }
}

/** The same path in another registry. Docker's own registry has no name in a reference. */
export function mirrored(reference: string, mirror: string | undefined): string {
  if (!mirror) return reference
  const [first = '', ...rest] = reference.split('/')
  const path = /[.:]/.test(first) ? rest.join('/') : reference
  return `${mirror.replace(/\/+$/, '')}/${path}`
}

async function describe(
  docker: Docker,
  reference: string,
  origin: ForeignImage['origin'],
): Promise<ForeignImage | undefined> {
  const found = await findImage(docker, reference)
  if (!found) return undefined
  return { reference, id: found.Id, digest: found.RepoDigests?.[0]?.split('@')[1] ?? '', origin }
}

async function registryAnswers(docker: Docker, reference: string): Promise<void> {
  const abortSignal = AbortSignal.timeout(answerWithinMs)
  try {
    await docker.getImage(reference).distribution({ abortSignal })
  } catch (error) {
    throw abortSignal.aborted ? new Error(`its registry did not answer in ${answerWithinMs} ms`) : error
  }
}

function repositoryAndTag(reference: string): { repo: string; tag: string } {
  const colon = reference.lastIndexOf(':')
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}
