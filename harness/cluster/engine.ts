import type Dockerode from 'dockerode'
import { getContainerRuntimeClient } from 'testcontainers'
import { HoldfastError } from '../errors.ts'
import { enginePid, needsRuntime, runtimeName } from '../host/runtime.mjs'

const reaperImage = 'testcontainers/ryuk:0.14.0'

/**
 * The Docker engine that Testcontainers found.
 * @throws HoldfastError HF_NO_ENGINE
 */
export async function engine(): Promise<Dockerode> {
  try {
    return (await getContainerRuntimeClient()).container.dockerode
  } catch (cause) {
    throw new HoldfastError('HF_NO_ENGINE', 'No Docker engine answers.', {
      hint: 'Start Docker, or run `npm start` as root on Debian, which installs and starts one.',
      cause,
    })
  }
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
