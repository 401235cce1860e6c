import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { durationMs } from '../duration.ts'
import { HoldfastError } from '../errors.ts'
import type { Scenario } from '../run/scenario.ts'
import { problems } from './problems.ts'
import { didYouMean } from './suggest.ts'
import { usageError } from './usage-error.ts'

/**
 * The scenarios that were asked for, in that order and each once; all of the project's when none was. One is asked for by its
 * name, or as a file (there is a slash in it, or it ends in .ts, .mts, .js or .mjs) that has it as its default export.
 * @throws HoldfastError HF_USAGE
 */
export async function chosenScenarios(asked: readonly string[]): Promise<readonly Scenario[]> {
  const { scenarios: known } = await import('../../scenarios/index.ts')
  if (asked.length === 0) return [...known.values()]
  const found = new Map<string, Scenario>()
  for (const word of withoutRepeats(asked)) {
    const one = isFile(word) ? await fromFile(word) : known.get(word)
    if (!one) {
      throw usageError(
        `There is no scenario "${word}".${didYouMean(word, known.keys())}`,
        `Known scenarios: ${[...known.keys()].join(', ')}.`,
      )
    }
    const same = found.get(one.name) ?? (one.file === undefined ? undefined : known.get(one.name))
    if (same) {
      throw usageError(
        `${word}: the name "${one.name}" is taken by ${same.file ?? 'a scenario of the project'}.`,
        'Give it another one: recordings are told apart by it.',
      )
    }
    found.set(one.name, one)
  }
  return [...found.values()]
}

/** The same file by another spelling, or through a link, is the same scenario. */
function withoutRepeats(words: readonly string[]): Iterable<string> {
  const byFile = new Map<string, string>()
  for (const word of words) {
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
      `${file}, its default export: ${problems(read.error, exported, Object.keys(shape.shape)).join('\n  ')}`,
      "Write `export default scenario('name', { describe, topology, contracts }, async (context) => { ... })`.",
    )
  }
  const { topologyNames } = await import('../cluster/topology.ts')
  const { topology } = read.data
  if (!topologyNames.includes(topology)) {
    throw usageError(
      `${file}: there is no topology "${topology}".${didYouMean(topology, topologyNames)}`,
      `Choose one of ${topologyNames.join(', ')}.`,
    )
  }
  const { contracts } = await import('../contracts/catalogue.ts')
  const ids = contracts.map(({ id }) => id)
  for (const id of read.data.contracts ?? []) {
    if (ids.includes(id)) continue
    throw usageError(`${file}: there is no contract "${id}".${didYouMean(id, ids)}`, '`holdfast list` has them all.')
  }
  return { ...(exported as Scenario), file }
}

async function defaultExport(file: string): Promise<unknown> {
  const path = resolve(file)
  if (!existsSync(path)) throw usageError(`There is no file ${file}.`, 'Give the path of a scenario, see examples/.')
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`${file} can't be loaded: ${reason}`, 'Mend it; it is read as a module, TypeScript or JavaScript.')
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
      'lower-case letters, digits and dashes, 59 at most (its namespace is named after it)',
    ),
  describe: z.string(),
  topology: z.string(),
  contracts: z.array(z.string()).optional(),
  deadline: z.string().refine(isTime, 'a time above 0 and at most 24h, such as 30m').optional(),
  testsFrom: z.enum(['start', 'first-fault']).optional(),
  play: z.function(),
})
