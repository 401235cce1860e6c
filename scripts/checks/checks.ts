import { commitMessages } from './commits.ts'
import { folders } from './folders.ts'
import { importRules } from './imports/imports.ts'
import { staleDocs } from '../journal-docs/files.ts'
import { language } from './language.ts'
import { purity } from './purity.ts'
import { spelling } from './spelling.ts'
import { type Outcome, root, tool } from './tool.ts'

export interface CheckResult extends Outcome {
  readonly name: string
  readonly seconds: number
}

const checks: Readonly<Record<string, () => Promise<Outcome> | Outcome>> = {
  types: () => tool('tsc', '-p', '.'),
  lint: () => tool('oxlint', '--type-aware', '--deny-warnings', '.'),
  format: () => tool('prettier', '--check', '--log-level', 'warn', '.'),
  'journal docs': journalDocs,
  spelling: () => spelling(),
  commits: () => commitMessages(),
  'dead code': () => tool('knip', '--no-progress'),
  // These run in this process: after the tools have started.
  purity: () => purity(),
  imports: () => importRules(),
  folders: () => folders(),
  language: () => language(),
}

/** Runs every static check of the project at once and reports each result as soon as it is there. */
export function runChecks(report: (result: CheckResult) => void): Promise<CheckResult[]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, run]) => {
      const began = performance.now()
      const outcome = await run()
      const result = { name, ...outcome, seconds: (performance.now() - began) / 1000 }
      report(result)
      return result
    }),
  )
}

/** Formats one result as a line, followed by the tool's output if the check failed. */
export function checkLine({ name, ok, seconds, output }: CheckResult): string {
  const line = `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)} ${seconds.toFixed(1)} s`
  return ok ? line : `${line}\n${output.trimEnd().replace(/^/gm, '      ')}`
}

async function journalDocs(): Promise<Outcome> {
  const stale = await staleDocs(root)
  const fix = 'Generate it again: node scripts/journal-docs.ts'
  return {
    ok: stale.length === 0,
    output: stale.length === 0 ? '' : `Differs from the record kinds: ${stale.join(', ')}.\n${fix}`,
  }
}
