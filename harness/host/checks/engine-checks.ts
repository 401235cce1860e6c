import { check, type Check } from './check.ts'
import type { EngineChoiceError } from '../engine/engine-choice.mjs'
import type { Endpoint, Engine } from '../engine/engine.mjs'
import { runtimeName } from '../engine/runtime.mjs'

/** The oldest tested engine API. */
const minApi = '1.41'

/** Facts about the engine for the checks; undefined if they could not be read. */
export interface EngineFacts {
  readonly endpoint: Endpoint | undefined
  /** Why the user's choice of engine is unusable. */
  readonly refused: EngineChoiceError | undefined
  readonly engine: Engine | undefined
  /** Whether the engine's process lacks CAP_SYS_RESOURCE; undefined unless it runs on this host. */
  readonly withheld: boolean | undefined
}

export function engineChecks({ endpoint, refused, engine, withheld }: EngineFacts): Check[] {
  const docker = check('docker', engine !== undefined && minorOf(engine.api) >= minorOf(minApi), {
    found: engine
      ? `${engine.version} (API ${engine.api}) at ${endpoint?.host}`
      : (refused?.message.replace(/\.$/, '') ?? 'no engine answers'),
    needed: `an engine with API ${minApi} or newer, to run the machines`,
    fix: engine
      ? 'Update Docker.'
      : (refused?.hint ?? 'Start Docker, or run `npm start` as root on Debian, which installs it.'),
  })
  return engine ? [docker, privileges(engine, withheld), runtime(engine, withheld)] : [docker]
}

function privileges({ rootless }: Engine, withheld: boolean | undefined): Check {
  const known = { true: 'CAP_SYS_RESOURCE is withheld', false: 'all capabilities', undefined: 'unknown' } as const
  return check('privileges', rootless || withheld === undefined ? 'warn' : true, {
    found: rootless ? 'a rootless engine' : known[`${withheld}`],
    needed: 'privileged containers, because machines run containers themselves',
    fix: rootless ? 'Use an engine that runs as root.' : engineOnOtherHost,
  })
}

function runtime({ runtimes }: Engine, withheld: boolean | undefined): Check {
  const registered = runtimes.includes(runtimeName)
  const unregistered = { true: `"${runtimeName}" is not registered`, false: 'runc', undefined: 'unknown' } as const
  return check('runtime', registered || withheld === false ? true : withheld === undefined ? 'warn' : false, {
    found: registered ? `"${runtimeName}" is registered` : unregistered[`${withheld}`],
    needed:
      withheld === false
        ? 'no special runtime: all capabilities are available'
        : `the runtime "${runtimeName}" where the engine's host withholds CAP_SYS_RESOURCE`,
    fix: withheld
      ? 'Run `npm start` once as root: it registers the runtime in /etc/docker/daemon.json.'
      : engineOnOtherHost,
  })
}

const engineOnOtherHost = "The engine does not run on this host. Run `holdfast doctor` on the engine's host."

/** API versions are 1.<minor>; compared as numbers, 1.100 would be less than 1.41. */
const minorOf = (api: string) => Number(api.split('.')[1] ?? 0)
