import { existsSync, readFileSync } from 'node:fs'
import type Dockerode from 'dockerode'
import { getContainerRuntimeClient } from 'testcontainers'
import { HoldfastError } from '../errors.ts'

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

/** CAP_SYS_RESOURCE is bit 24. A host that withholds it needs the wrapper runtime, or no privileged container starts. */
export async function machineRuntime(docker: Dockerode): Promise<string | undefined> {
  const { Runtimes = {} } = (await docker.info()) as { Runtimes?: Record<string, unknown> }
  if (!hostWithholdsCapability()) return undefined
  if ('holdfast' in Runtimes) return 'holdfast'
  throw new HoldfastError(
    'HF_NO_RUNTIME',
    'This host withholds CAP_SYS_RESOURCE and the runtime `holdfast` is not registered.',
    {
      hint: 'Run `npm start` once as root: it registers the runtime with the Docker engine.',
    },
  )
}

function hostWithholdsCapability(): boolean {
  if (!existsSync('/proc/self/status')) return false
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 'ffffffffff'
  return (BigInt(`0x${bounding}`) & (1n << 24n)) === 0n
}
