import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { durationMs } from '../../common/duration.ts'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import type { Scenario } from '../../run/scenario.ts'
import { schemaErrors } from './schema-errors.ts'
import { didYouMean } from './suggest.ts'
import { usageError } from './usage-error.ts'

/**
 * Resolves scenarios in the order given, without duplicates. No argument selects the default scenarios, `all` every built-in one.
 * Another argument is a built-in name, or a file that exports a scenario as default. A file has a slash in its path or ends in .ts, .mts, .js or .mjs.
 * @throws HoldfastError HF_USAGE
 */
export async function chosenScenarios(args: readonly string[]): Promise<readonly Scenario[]> {
  const { scenarios: known, defaultScenarios } = await import('../../../scenarios/index.ts')
  if (args.length === 0) return defaultScenarios
  const names = args.flatMap((arg) => (arg === 'all' ? [...known.keys()] : arg))
  const found = new Map<string, Scenario>()
  for (const word of withoutRepeats(names)) {
    const one = isFile(word) ? await fromFile(word) : known.get(word)
    if (!one) {
      throw usageError(
        `There is no scenario "${word}".${didYouMean(word, known.keys())}`,
        `Known scenarios: ${[...known.keys()].join(', ')}; all selects every one.`,
      )
    }
    const same = found.get(one.name) ?? (one.file === undefined ? undefined : known.get(one.name))
    if (same) {
      throw usageError(
        `${word}: the name "${one.name}" is already used by ${same.file ?? 'a built-in scenario'}.`,
        'Rename the scenario: its name identifies its recording.',
      )
    }
    found.set(one.name, one)
  }
  return [...found.values()]
}

/** Removes repeated arguments; two paths of one file (links included) count as one. */
function withoutRepeats(names: readonly string[]): Iterable<string> {
  const byFile = new Map<string, string>()
  for (const word of names) {
    const key = isFile(word) && existsSync(word) ? realpathSync(word) : word
    if (!byFile.has(key)) byFile.set(key, word)
  }
  return byFile.values()
}

function isFile(word: string): boolean {
  return word.includes('/') || /\.m?[jt]s$/.test(word)
}

async function fromFile(file: string): Promise<Scenario> {
  const exported = await defaultExport(file)
  const read = shape.safeParse(exported)
  if (!read.success) {
    throw usageError(
      `${file}: invalid default export: ${schemaErrors(read.error, exported, Object.keys(shape.shape)).join('\n  ')}`,
      "Write `export default scenario('name', { describe, topology, contracts }, async (context) => { ... })`.",
    )
  }
  const { topologyNames } = await import('../../cluster/topology.ts')
  const { topology } = read.data
  if (!topologyNames.includes(topology)) {
    throw usageError(
      `${file}: there is no topology "${topology}".${didYouMean(topology, topologyNames)}`,
      `Choose one of ${topologyNames.join(', ')}.`,
    )
  }
  const { contracts } = await import('../../contracts/catalogue.ts')
  const ids = contracts.map(({ id }) => id)
  for (const id of read.data.contracts ?? []) {
    if (ids.includes(id)) continue
    throw usageError(
      `${file}: there is no contract "${id}".${didYouMean(id, ids)}`,
      '`holdfast list` shows every contract.',
    )
  }
  return { ...(exported as Scenario), file }
}

async function defaultExport(file: string): Promise<unknown> {
  const path = resolve(file)
  if (!existsSync(path))
    throw usageError(`There is no file ${file}.`, 'Give the path of a scenario file; examples/ has some.')
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    const reason = errorMessage(error)
    throw usageError(
      `${file} can't be loaded: ${reason}`,
      'Fix the file. It must be a TypeScript or JavaScript module.',
    )
  }
}

/** Far below the 24.8 days after which a timer of Node.js overflows. */
const longestMs = 24 * 3_600_000

function isTime(text: string): boolean {
  try {
    const ms = durationMs(text)
    return ms > 0 && ms <= longestMs
  } catch (error) {
    if (error instanceof HoldfastError) return false
    throw error
  }
}

const shape = z.object({
  name: z
    .string()
    .regex(
      /^[a-z0-9]([-a-z0-9]{0,57}[a-z0-9])?$/,
      'at most 59 lower-case letters, digits and dashes (the name of its namespace contains it)',
    ),
  describe: z.string(),
  topology: z.string(),
  contracts: z.array(z.string()).optional(),
  deadline: z.string().refine(isTime, 'a duration above 0 and at most 24h, for example 30m').optional(),
  testsFrom: z.enum(['start', 'first-fault']).optional(),
  run: z.function(),
})
