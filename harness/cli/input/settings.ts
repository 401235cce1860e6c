import { randomInt } from 'node:crypto'
import { resolve } from 'node:path'
import type { WantedDistribution } from '../../cluster/distribution/choose.ts'
import { parseConfig, readConfigFile, type Config } from './config-file.ts'
import { didYouMean } from './suggest.ts'
import { usageError } from './usage-error.ts'

/** The resolved settings of a run. `out` is absolute. */
export interface Settings {
  /** Undefined: each scenario uses its own topology. */
  readonly topology: string | undefined
  readonly distribution: WantedDistribution
  readonly timings: 'stock' | 'brisk'
  readonly seed: number
  /** Registry mirror for third-party images; undefined: their own registries. */
  readonly mirror: string | undefined
  /** Runs kube-proxy as a separate process on k3s too, so that faults can target it. */
  readonly standaloneKubeProxy: boolean
  readonly out: string
  readonly keep: boolean
}

/** Command-line flags; commander omits absent ones. */
export interface Flags {
  readonly topology?: string
  readonly distribution?: string
  readonly timings?: string
  readonly seed?: string
  readonly mirror?: string
  readonly standaloneKubeProxy?: boolean
  readonly out?: string
  readonly keep?: boolean
}

const maxSeed = 2 ** 31

const names = ['topology', 'distribution', 'standaloneKubeProxy', 'timings', 'seed', 'mirror', 'out', 'keep'] as const
const switches: readonly string[] = ['standaloneKubeProxy', 'keep']

/**
 * Resolves settings. Precedence: flag, environment (HOLDFAST_<NAME>), configuration file, default.
 * @throws HoldfastError HF_USAGE
 */
export async function resolveSettings(
  flags: Flags,
  env: NodeJS.ProcessEnv = process.env,
  folder = process.cwd(),
): Promise<Settings> {
  const file = await readConfigFile(folder)
  const given: Config = { ...file, ...fromEnvironment(env), ...fromFlags(flags) }
  const { topologyNames } = await import('../../cluster/topology.ts')
  const { topology } = given
  if (topology !== undefined && !topologyNames.includes(topology)) {
    throw usageError(
      `There is no topology "${topology}".${didYouMean(topology, topologyNames)}`,
      `Choose one of ${topologyNames.join(', ')}.`,
    )
  }
  return {
    topology,
    distribution: given.distribution ?? 'auto',
    timings: given.timings ?? 'stock',
    seed: given.seed ?? randomInt(maxSeed),
    mirror: given.mirror,
    standaloneKubeProxy: given.standaloneKubeProxy ?? false,
    out: resolve(folder, given.out ?? 'reports/out'),
    keep: given.keep ?? false,
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Config {
  const value: Record<string, unknown> = {}
  for (const name of names) {
    const text = env[`HOLDFAST_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`]
    // An empty variable counts as not set.
    if (text) value[name] = typed(name, text)
  }
  return parseConfig(value, 'environment (HOLDFAST_*)')
}

function fromFlags(flags: Flags): Config {
  const value: Record<string, unknown> = {}
  for (const name of names) {
    const given = flags[name]
    if (given !== undefined) value[name] = typeof given === 'string' ? typed(name, given) : given
  }
  return parseConfig(value, 'flags')
}

/** Converts text to the type of the setting; text that does not fit is returned as it is, for the schema's error message. */
function typed(name: string, text: string): unknown {
  if (name === 'seed' && /^\d+$/.test(text)) return Number(text)
  if (switches.includes(name) && /^(1|true|yes)$/i.test(text)) return true
  if (switches.includes(name) && /^(0|false|no)$/i.test(text)) return false
  return text
}
