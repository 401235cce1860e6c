import { HoldfastError } from '../../common/errors.ts'
import { EngineChoiceError, endpoints, environmentOf } from './engine-choice.mjs'
import { type Endpoint, searchEngine } from './engine.mjs'

let pinned: Endpoint | undefined

/**
 * Finds the engine once and pins it in this process's environment, so that all clients here and in child processes use it. The choice
 * stays even while the engine is down.
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
 * Refuses an unusable choice of engine without contacting any engine.
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
  // An existing socket that refuses is the more useful error than a missing one.
  const { endpoint, error } =
    tried.find(({ error }) => (error as NodeJS.ErrnoException).code !== 'ENOENT') ?? tried[0] ?? {}
  const where = endpoint ? ` at ${endpoint.host}${endpoint.from === 'default' ? '' : ` (${endpoint.from})`}` : ''
  const denied = (error as NodeJS.ErrnoException | undefined)?.code === 'EACCES'
  return new HoldfastError(
    'HF_NO_ENGINE',
    `No Docker engine answers${where}: ${error?.message ?? 'no address is known'}.`,
    {
      hint: denied
        ? 'Run Holdfast as a user with access to Docker, for example in the group "docker".'
        : 'Start Docker, or run `npm start` as root on Debian, which installs and starts one.',
      cause: error,
    },
  )
}

function choiceError(error: unknown): unknown {
  if (!(error instanceof EngineChoiceError)) return error
  return new HoldfastError(error.code, error.message, { hint: error.hint, exitCode: 64, cause: error })
}
