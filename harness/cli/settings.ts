import { randomInt } from 'node:crypto'
import { resolve } from 'node:path'
import type { WantedDistribution } from '../cluster/distribution/choose.ts'
import { parseConfig, readConfigFile, type Config } from './config-file.ts'
import { didYouMean } from './suggest.ts'
import { usageError } from './usage-error.ts'

/** What a run goes by, with nothing left open. `out` is absolute. */
export interface Settings {
  /** Undefined where each scenario's own is meant. */
  readonly topology: string | undefined
  readonly distribution: WantedDistribution
  readonly timings: 'stock' | 'brisk'
  readonly seed: number
  /** A registry that has what others have under the same paths; undefined for the images' own. */
  readonly mirror: string | undefined
  /** kube-proxy as a process of its own on k3s too, so that it can be hit by itself. */
  readonly kubeProxyApart: boolean
  readonly out: string
  readonly keep: boolean
}

/** What the flags said; commander leaves out those that were not given. */
export interface Flags {
  readonly topology?: string
  readonly distribution?: string
  readonly timings?: string
  readonly seed?: string
  readonly mirror?: string
  readonly kubeProxyApart?: boolean
  readonly out?: string
  readonly keep?: boolean
}

const maxSeed = 2 ** 31

const names = ['topology', 'distribution', 'kubeProxyApart', 'timings', 'seed', 'mirror', 'out', 'keep'] as const
const switches: readonly string[] = ['kubeProxyApart', 'keep']

/**
 * Flag before environment (HOLDFAST_<NAME>) before configuration file before default.
 * @throws HoldfastError HF_USAGE
 */
export async function resolveSettings(
  flags: Flags,
  env: NodeJS.ProcessEnv = process.env,
  folder = process.cwd(),
): Promise<Settings> {
  const file = await readConfigFile(folder)
  const given: Config = { ...file, ...fromEnvironment(env), ...fromFlags(flags) }
  const { topologyNames } = await import('../cluster/topology.ts')
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
    kubeProxyApart: given.kubeProxyApart ?? false,
    out: resolve(folder, given.out ?? 'reports/out'),
    keep: given.keep ?? false,
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Config {
  const value: Record<string, unknown> = {}
  for (const name of names) {
    const text = env[`HOLDFAST_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`]
    // An empty variable is how a shell script says "not set".
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

/** A word as the type its name asks for; what does not fit stays a word, and the schema says what was expected. */
function typed(name: string, text: string): unknown {
  if (name === 'seed' && /^\d+$/.test(text)) return Number(text)
  if (switches.includes(name) && /^(1|true|yes)$/i.test(text)) return true
  if (switches.includes(name) && /^(0|false|no)$/i.test(text)) return false
  return text
}
