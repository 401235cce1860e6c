import Docker from 'dockerode'
import { HoldfastError } from '../errors.ts'
import { pinEngine } from '../host/pinned-engine.ts'

export type Architecture = 'amd64' | 'arm64'

let client: { readonly host: string; readonly docker: Docker } | undefined

/** A client of the engine that the user chose. @throws HoldfastError what `pinEngine` throws */
export async function connectEngine(): Promise<Docker> {
  const { host } = await pinEngine()
  if (client?.host !== host) client = { host, docker: new Docker() }
  return client.docker
}

/** The engine's processor architecture in Go's words; anything but amd64 and arm64 is refused. */
export async function engineArchitecture(docker: Docker): Promise<Architecture> {
  const { Arch, Os } = await docker.version().catch((error: unknown) => {
    throw noEngine(error)
  })
  if (Os === 'linux' && (Arch === 'amd64' || Arch === 'arm64')) return Arch
  throw new HoldfastError(
    'HF_ENGINE_ARCH',
    `The Docker engine runs ${Os}/${Arch}; expected linux/amd64 or linux/arm64.`,
    {
      hint: 'Set DOCKER_HOST to an engine on one of these platforms.',
    },
  )
}

function noEngine(cause: unknown): HoldfastError {
  return new HoldfastError('HF_NO_ENGINE', `The Docker engine stopped answering: ${reason(cause)}.`, {
    hint: 'Start Docker again, or set DOCKER_HOST to another engine.',
    cause,
  })
}

/** The HTTP status of an engine's refusal, if it was one. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}

/** An image as the engine describes it, or undefined when it has none of that name. */
export async function findImage(docker: Docker, reference: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(reference).inspect()
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw statusOf(error) === undefined ? noEngine(error) : error
  }
}

/** Why something failed, in one line; an engine's own words without the protocol around them. */
export function reason(error: unknown): string {
  const said = error instanceof Error ? error.message || error.name : String(error)
  return said.replace(/^\(HTTP code \d+\) [^-]+- /, '').trim()
}
