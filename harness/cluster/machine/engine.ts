import type Dockerode from 'dockerode'
import { getContainerRuntimeClient, getReaper } from 'testcontainers'
import { HoldfastError } from '../../common/errors.ts'
import { pinEngine } from '../../host/engine/pinned-engine.ts'
import { localEnginePid, needsRuntime, runtimeName } from '../../host/engine/runtime.mjs'
import { connectEngine } from '../../images/engine.ts'

const reaperImage = 'testcontainers/ryuk:0.14.0'

/** Connects to the engine that the user chose. @throws HoldfastError what `pinEngine` throws */
export function engine(): Promise<Dockerode> {
  return connectEngine()
}

/**
 * Returns Testcontainers' own client, which creates containers. Its settings may name another engine, and it falls back to
 * the usual socket when it can't use the chosen one: either would put a run's parts on two engines.
 * @throws HoldfastError HF_NO_ENGINE
 */
async function testcontainers(): Promise<Awaited<ReturnType<typeof getContainerRuntimeClient>>> {
  const { host } = await pinEngine()
  const client = await getContainerRuntimeClient().catch((cause: unknown) => {
    throw unusable(host, cause)
  })
  if (!isAt(client.container.dockerode, host)) throw unusable(host)
  return client
}

function unusable(host: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_NO_ENGINE', `Testcontainers can't use the Docker engine at ${host}.`, {
    hint: 'Remove `tc.host` and `docker.host` from ~/.testcontainers.properties; DEBUG=testcontainers* shows its reason.',
    cause,
  })
}

/** Returns whether this client connects to that address. A Windows pipe's address can't be compared and is trusted. */
function isAt({ modem }: Dockerode, address: string): boolean {
  const { socketPath, host, port } = modem as { socketPath?: string; host?: string; port?: number | string }
  const { protocol, pathname, hostname, port: wanted } = new URL(address)
  if (protocol === 'unix:') return socketPath === pathname
  return protocol !== 'tcp:' || (host === hostname && String(port) === wanted)
}

/**
 * Holdfast's guardian removes what a run leaves, also without Testcontainers' own reaper. The reaper runs beside it only
 * when its image is present and nothing is to be kept.
 */
export async function chooseReaper(docker: Dockerode, keep: boolean): Promise<void> {
  const present = await docker
    .getImage(reaperImage)
    .inspect()
    .then(() => true)
    .catch(() => false)
  if (!present || keep) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  // Otherwise all containers that start in parallel would request it first, and all but one wait half a second for its
  // lock.
  await getReaper(await testcontainers())
}

/**
 * Returns the runtime for machines; undefined for the engine's default. An engine that lacks a capability can't start
 * privileged containers by itself. For an engine with its process elsewhere, only its list of runtimes is known.
 * @throws HoldfastError HF_NO_RUNTIME
 */
export async function machineRuntime(docker: Dockerode): Promise<string | undefined> {
  const pid = localEnginePid(await pinEngine())
  if (pid !== undefined && !needsRuntime(pid)) return undefined
  const { Runtimes = {} } = (await docker.info()) as { Runtimes?: Record<string, unknown> }
  if (runtimeName in Runtimes) return runtimeName
  if (pid === undefined) return undefined
  throw new HoldfastError(
    'HF_NO_RUNTIME',
    `This host withholds CAP_SYS_RESOURCE and the runtime "${runtimeName}" is not registered.`,
    { hint: 'Run `npm start` once as root: it registers the runtime with the Docker engine.' },
  )
}
