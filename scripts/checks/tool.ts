import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $ } from '../../harness/host/shell.ts'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Outcome {
  readonly ok: boolean
  /** The tool's output on both streams. */
  readonly output: string
}

/** Runs a development tool of the project in the project's root. */
export async function tool(name: string, ...args: readonly string[]): Promise<Outcome> {
  // The tools are scripts with a shebang: the project's Node comes first in PATH, so that they run on it.
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' }
  const run = $({ cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], nothrow: true })
  const { ok, stdall } = await run`${join(bin, name)} ${args}`
  return { ok, output: stdall }
}
