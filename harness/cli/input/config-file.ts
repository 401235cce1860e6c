import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { errorMessage } from '../../common/error-message.mjs'
import { schemaErrors } from './schema-errors.ts'
import { usageError } from './usage-error.ts'

/** Settings of every run. An absent key keeps its default. */
const configSchema = z.strictObject({
  topology: z.string().optional(),
  distribution: z.enum(['auto', 'k3s', 'upstream']).optional(),
  standaloneKubeProxy: z.boolean().optional(),
  timings: z.enum(['stock', 'brisk']).optional(),
  seed: z.int().min(0).optional(),
  mirror: z.string().min(1).optional(),
  out: z.string().min(1).optional(),
  keep: z.boolean().optional(),
})

export type Config = z.infer<typeof configSchema>

const names = ['holdfast.config.json', 'holdfast.config.yaml']

/**
 * Reads the configuration file of a folder; {} without one.
 * @throws HoldfastError HF_USAGE when the file can't be read, when there are two, or when a key or value is unknown
 */
export async function readConfigFile(folder: string): Promise<Config> {
  const found = names.map((name) => join(folder, name)).filter((file) => existsSync(file))
  const [file, second] = found
  if (!file) return {}
  if (second)
    throw usageError(
      `There are two configuration files: ${found.map((path) => basename(path)).join(' and ')}.`,
      'Remove one of them.',
    )
  return parseConfig(await parsed(file), basename(file))
}

async function parsed(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8')
  try {
    if (file.endsWith('.json')) return JSON.parse(text)
    const { parse } = await import('yaml')
    return parse(text) ?? {}
  } catch (error) {
    const reason = errorMessage(error).split('\n')[0]
    throw usageError(`${basename(file)} can't be read: ${reason}.`, 'Fix its syntax.')
  }
}

/** Validates a configuration; messages name it `source`. Each problem is one line: path, expected, got. */
export function parseConfig(value: unknown, source: string): Config {
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const lines = schemaErrors(result.error, value, Object.keys(configSchema.shape))
  throw usageError(`${source}: ${lines.join('\n  ')}`, `Known keys: ${Object.keys(configSchema.shape).join(', ')}.`)
}
