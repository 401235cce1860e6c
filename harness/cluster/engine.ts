import type Dockerode from 'dockerode'
import { getContainerRuntimeClient, getReaper } from 'testcontainers'
import { HoldfastError } from '../errors.ts'
import { ask } from '../host/engine.mjs'
import { enginePid, needsRuntime, runtimeName } from '../host/runtime.mjs'

const reaperImage = 'testcontainers/ryuk:0.14.0'

/** Set once Testcontainers has an engine: it keeps that one for as long as this process lives. */
let found = false

/**
 * The Docker engine that Testcontainers finds; where DOCKER_HOST names one, that one and no other. Left to itself it would go
 * on to the machine's own engine whenever the named one is away, and a guardian would find nothing of its run there.
 * @throws HoldfastError HF_NO_ENGINE
 */
export async function engine(): Promise<Dockerode> {
  const named = process.env['DOCKER_HOST']
  try {
    if (named && !found) await ask(named, '/_ping')
    const docker = (await getContainerRuntimeClient()).container.dockerode
    found = true
    if (named && !isAt(docker, named)) throw new Error(`Testcontainers can't use the engine at ${named}`)
    return docker
  } catch (cause) {
    throw new HoldfastError('HF_NO_ENGINE', `No Docker engine answers${named ? ` at ${named}` : ''}.`, {
      hint: 'Start Docker, or run `npm start` as root on Debian, which installs and starts one.',
      cause,
    })
  }
}

/** Whether this client speaks to that address; of kinds of address that we can't tell apart it is believed. */
function isAt({ modem }: Dockerode, address: string): boolean {
  const { socketPath, host, port } = modem as { socketPath?: string; host?: string; port?: number | string }
  const { protocol, pathname, hostname, port: wanted } = new URL(address)
  if (protocol === 'unix:') return socketPath === pathname
  return protocol !== 'tcp:' || (host === hostname && String(port) === (wanted || '2375'))
}

/**
 * Our guardian removes what a run leaves, also where Testcontainers' own reaper can't be had. The reaper runs beside it
 * only where its image is present and nothing is to be kept.
 */
export async function chooseReaper(docker: Dockerode, keep: boolean): Promise<void> {
  const present = await docker
    .getImage(reaperImage)
    .inspect()
    .then(() => true)
    .catch(() => false)
  if (!present || keep) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  // Containers that are started side by side would all ask for it first, and all but one wait half a second for its lock.
  await getReaper(await getContainerRuntimeClient())
}

/**
 * The runtime that machines have to ask for, or undefined for the engine's default: an engine that is without a capability
 * can't start privileged containers by itself.
 * @throws HoldfastError HF_NO_RUNTIME
 */
export async function machineRuntime(docker: Dockerode): Promise<string | undefined> {
  const pid = enginePid()
  if (pid === undefined || !needsRuntime(pid)) return undefined
  const { Runtimes = {} } = (await docker.info()) as { Runtimes?: Record<string, unknown> }
  if (runtimeName in Runtimes) return runtimeName
  throw new HoldfastError(
    'HF_NO_RUNTIME',
    `This host withholds CAP_SYS_RESOURCE and the runtime "${runtimeName}" is not registered.`,
    { hint: 'Run `npm start` once as root: it registers the runtime with the Docker engine.' },
  )
}
