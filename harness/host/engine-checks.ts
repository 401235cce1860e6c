import { check, type Check } from './check.ts'
import type { Engine, Endpoint } from './engine.mjs'
import { runtimeName } from './runtime.mjs'

/** The oldest engine API that was tried. */
const minApi = '1.41'

/** Everything about the engine that the checks look at; undefined parts were not to be had. */
export interface EngineFacts {
  readonly endpoint: Endpoint | undefined
  readonly engine: Engine | undefined
  /** The engine's process here lacks CAP_SYS_RESOURCE; undefined when the engine's process is not on this machine. */
  readonly withheld: boolean | undefined
}

export function engineChecks({ endpoint, engine, withheld }: EngineFacts): Check[] {
  const docker = check('docker', engine !== undefined && minorOf(engine.api) >= minorOf(minApi), {
    found: engine ? `${engine.version} (API ${engine.api}) at ${endpoint?.host}` : 'no engine answers',
    needed: `an engine with API ${minApi} or newer, to run the machines`,
    mend: engine ? 'Update Docker.' : 'Start Docker, or let `npm start` as root on Debian install it.',
  })
  if (!engine) return [docker]
  const registered = engine.runtimes.includes(runtimeName)
  const rootless = check('privileges', engine.rootless ? 'warn' : true, {
    found: engine.rootless ? 'a rootless engine' : withheld ? 'CAP_SYS_RESOURCE is withheld' : 'all capabilities',
    needed: 'privileged containers, because machines run containers of their own',
    mend: 'Use an engine that runs as root.',
  })
  const runtime = check('runtime', !withheld || registered, {
    found: registered ? `"${runtimeName}" is registered` : withheld ? `"${runtimeName}" is not registered` : 'runc',
    needed: withheld
      ? `the runtime "${runtimeName}", because this host withholds CAP_SYS_RESOURCE`
      : 'nothing special: all capabilities are there',
    mend: 'Run `npm start` once as root: it registers the runtime in /etc/docker/daemon.json.',
  })
  return [docker, rootless, runtime]
}

/** API versions are 1.<minor>; as numbers 1.100 would be less than 1.41. */
const minorOf = (api: string) => Number(api.split('.')[1] ?? 0)
