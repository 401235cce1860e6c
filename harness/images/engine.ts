import Docker from 'dockerode'
import { errorMessage } from '../common/error-message.mjs'
import { HoldfastError } from '../common/errors.ts'
import { pinEngine } from '../host/engine/pinned-engine.ts'

export type Architecture = 'amd64' | 'arm64'

let client: { readonly host: string; readonly docker: Docker } | undefined

/** Connects to the engine that the user chose. @throws HoldfastError the errors of `pinEngine` */
export async function connectEngine(): Promise<Docker> {
  const { host } = await pinEngine()
  if (client?.host !== host) client = { host, docker: new Docker() }
  return client.docker
}

/** Returns the engine's architecture by its Go name; refuses all except amd64 and arm64. */
export async function engineArchitecture(docker: Docker): Promise<Architecture> {
  const { Arch, Os } = await docker.version().catch((error: unknown) => {
    throw noEngine(error)
  })
  if (Os === 'linux' && (Arch === 'amd64' || Arch === 'arm64')) return Arch
  throw new HoldfastError(
    'HF_ENGINE_ARCH',
    `The Docker engine runs on ${Os}/${Arch}: expected linux/amd64 or linux/arm64.`,
    {
      hint: 'Set DOCKER_HOST to an engine on one of these platforms.',
    },
  )
}

function noEngine(cause: unknown): HoldfastError {
  return new HoldfastError('HF_NO_ENGINE', `The Docker engine no longer answers: ${reason(cause)}.`, {
    hint: 'Start Docker again, or set DOCKER_HOST to the address of another engine.',
    cause,
  })
}

/** Returns the HTTP status of an engine's error response. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}

/** Inspects an image; undefined when the engine has none with this name. */
export async function findImage(docker: Docker, reference: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(reference).inspect()
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw statusOf(error) === undefined ? noEngine(error) : error
  }
}

/** Returns an error's message, without the HTTP part of an engine's message. */
export function reason(error: unknown): string {
  return errorMessage(error)
    .replace(/^\(HTTP code \d+\) [^-]+- /, '')
    .trim()
}
