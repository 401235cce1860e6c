import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importsOf, violations } from './imports.ts'
import { staleDocs } from './journal-docs/files.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
  /** What the tool said; worth showing when it is not ok. */
  readonly output: string
}

type Outcome = Pick<CheckResult, 'ok' | 'output'>

const checks: Readonly<Record<string, () => Promise<Outcome> | Outcome>> = {
  types: () => tool('tsc', '-p', '.'),
  lint: () => tool('oxlint', '--type-aware', '--deny-warnings', '.'),
  format: () => tool('prettier', '--check', '--log-level', 'warn', '.'),
  imports: importDirection,
  'journal docs': journalDocs,
  'dead code': () => tool('knip', '--no-progress'),
}

/** Runs every static check of the project, tells of each as it ends, and hands all back. */
export function runChecks(told: (result: CheckResult) => void): Promise<CheckResult[]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, run]) => {
      const began = performance.now()
      const outcome = await run()
      const result = { name, ...outcome, seconds: (performance.now() - began) / 1000 }
      told(result)
      return result
    }),
  )
}

/** One line of one check, with what the tool said when it failed. */
export function checkLine({ name, ok, seconds, output }: CheckResult): string {
  const line = `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)} ${seconds.toFixed(1)} s`
  return ok ? line : `${line}\n${output.trimEnd().replace(/^/gm, '      ')}`
}

function importDirection(): Outcome {
  const found = violations(importsOf(root))
  return { ok: found.length === 0, output: found.join('\n') }
}

async function journalDocs(): Promise<Outcome> {
  const stale = await staleDocs(root)
  const cure = 'Make them again: node scripts/journal-docs.ts'
  return {
    ok: stale.length === 0,
    output: stale.length === 0 ? '' : `Not what the record kinds say: ${stale.join(', ')}.\n${cure}`,
  }
}

function tool(name: string, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // The tools are scripts with a shebang: with our own Node first in PATH they run on it, not on the host's.
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
