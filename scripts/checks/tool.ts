import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Outcome {
  readonly ok: boolean
  /** The tool's output on both streams. */
  readonly output: string
}

/** Runs a development tool of the project in the project's root. */
export function tool(name: string, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // The tools are scripts with a shebang: the project's Node comes first in PATH, so that they run on it.
    const bin = join(root, 'node_modules', '.bin')
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' }
    const child = spawn(join(bin, name), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (part) => (output += String(part)))
    child.stderr.on('data', (part) => (output += String(part)))
    child.on('error', (error) => resolve({ ok: false, output: error.message }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}
