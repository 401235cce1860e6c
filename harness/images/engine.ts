import { existsSync } from 'node:fs'
import Docker from 'dockerode'
import { HoldfastError } from '../errors.ts'

export type Architecture = 'amd64' | 'arm64'

/**
 * The engine that machines will run on. The plain socket and DOCKER_HOST are answered here, since loading testcontainers takes longer than
 * all the rest of a warm look-up; for contexts, rootless engines and the like its search is the one to trust.
 */
export async function connectEngine(): Promise<Docker> {
  if (process.env['DOCKER_HOST'] || existsSync('/var/run/docker.sock')) return new Docker()
  try {
    const { getContainerRuntimeClient } = await import('testcontainers')
    const client = await getContainerRuntimeClient()
    return client.container.dockerode
  } catch (error) {
    throw noEngine(error)
  }
}

/** The engine's processor architecture in Go's words; anything but amd64 and arm64 is refused. */
export async function engineArchitecture(docker: Docker): Promise<Architecture> {
  const { Arch, Os } = await docker.version().catch((error: unknown) => {
    throw noEngine(error)
  })
  if (Os === 'linux' && (Arch === 'amd64' || Arch === 'arm64')) return Arch
  throw new HoldfastError(
    'HF_ENGINE_ARCH',
    `The Docker engine runs ${Os}/${Arch}; machines are made for linux/amd64 and linux/arm64.`,
    {
      hint: 'Point DOCKER_HOST at an engine on one of these.',
    },
  )
}

function noEngine(cause: unknown): HoldfastError {
  return new HoldfastError('HF_NO_DOCKER', `No Docker engine answers: ${reason(cause)}.`, {
    hint: 'Start Docker, or set DOCKER_HOST to the engine to use.',
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
