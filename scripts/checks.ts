import { importsOf, violations } from './imports.ts'
import { staleDocs } from './journal-docs/files.ts'
import { purity } from './purity.ts'
import { type Outcome, root, tool } from './tool.ts'

export interface CheckResult extends Outcome {
  readonly name: string
  readonly seconds: number
}

const checks: Readonly<Record<string, () => Promise<Outcome> | Outcome>> = {
  types: () => tool('tsc', '-p', '.'),
  lint: () => tool('oxlint', '--type-aware', '--deny-warnings', '.'),
  format: () => tool('prettier', '--check', '--log-level', 'warn', '.'),
  imports: importDirection,
  purity: () => purity(),
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
