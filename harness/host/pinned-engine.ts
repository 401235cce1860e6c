import { HoldfastError } from '../errors.ts'
import { EngineChoiceError, endpoints, environmentOf } from './engine-choice.mjs'
import { type Endpoint, searchEngine } from './engine.mjs'

let pinned: Endpoint | undefined

/**
 * Finds the engine once and pins it in this process's environment, so that every client here and in child processes uses
 * that one. Afterwards an engine that is away stays the chosen one.
 * @throws HoldfastError HF_NO_ENGINE, HF_DOCKER_CONTEXT, HF_DOCKER_CONFIG, HF_ENGINE_ADDRESS
 */
export async function pinEngine(): Promise<Endpoint> {
  if (pinned && process.env['DOCKER_HOST'] === pinned.host) return pinned
  const found = await searchEngine().catch((error: unknown) => {
    throw choiceError(error)
  })
  if (!found.endpoint) throw noEngine(found.tried)
  pinned = found.endpoint
  Object.assign(process.env, environmentOf(pinned))
  return pinned
}

/**
 * Refuses a choice of engine that can't be used, without asking any engine.
 * @throws HoldfastError HF_DOCKER_CONTEXT, HF_DOCKER_CONFIG, HF_ENGINE_ADDRESS
 */
export function refuseUnusableChoice(): void {
  try {
    endpoints()
  } catch (error) {
    throw choiceError(error)
  }
}

function noEngine(tried: readonly { readonly endpoint: Endpoint; readonly error: Error }[]): HoldfastError {
  // Of several usual sockets, the one that is there but refuses says more than those that are not there.
  const { endpoint, error } =
    tried.find(({ error }) => (error as NodeJS.ErrnoException).code !== 'ENOENT') ?? tried[0] ?? {}
  const where = endpoint ? ` at ${endpoint.host}${endpoint.from === 'default' ? '' : ` (${endpoint.from})`}` : ''
  const denied = (error as NodeJS.ErrnoException | undefined)?.code === 'EACCES'
  return new HoldfastError('HF_NO_ENGINE', `No Docker engine answers${where}: ${error?.message ?? 'none is known'}.`, {
    hint: denied
      ? 'Run this as a user who may use Docker, for example one in the group "docker".'
      : 'Start Docker, or run `npm start` as root on Debian, which installs and starts one.',
    cause: error,
  })
}

function choiceError(error: unknown): unknown {
  if (!(error instanceof EngineChoiceError)) return error
  return new HoldfastError(error.code, error.message, { hint: error.hint, exitCode: 64, cause: error })
}
