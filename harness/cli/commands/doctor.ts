import type { Check } from '../../host/checks/check.ts'
import { columns, output, paint } from '../output/output.ts'
import type { ExitCode, AddCommand } from './command.ts'

export const addDoctor: AddCommand = (program, ended) => {
  program
    .command('doctor')
    .description('check the requirements on this machine and show how to fix unmet ones')
    .option('--json', 'print the checks as JSON on stdout')
    .action(async (flags: { json?: boolean }) => ended(await doctor(flags.json ?? false)))
}

async function doctor(json: boolean): Promise<ExitCode> {
  const out = output(json)
  const { allChecks } = await import('../input/preflight.ts')
  const checks = await allChecks()
  const unmet = checks.filter(({ ok }) => ok === false).length
  if (!json) {
    out.print(checkTable(checks))
    out.print(
      unmet === 0
        ? '\nThis machine meets every requirement.'
        : `\n${unmet} ${unmet === 1 ? 'requirement is' : 'requirements are'} not met.`,
    )
  }
  out.result({ ok: unmet === 0, checks })
  return unmet === 0 ? 0 : 2
}

/** Formats one row a check, with the fix below each unmet one. */
function checkTable(checks: readonly Check[]): string {
  const word = (ok: Check['ok']) => (ok === true ? 'ok' : ok === 'warn' ? 'warn' : 'no')
  const colour = { ok: 'green', warn: 'yellow', no: 'red' } as const
  const rows = columns([
    ['', 'check', 'found', 'needed'],
    ...checks.map(({ name, ok, found, needed }) => [word(ok).padEnd(4), name, found, needed]),
  ]).split('\n')
  return rows
    .flatMap((row, index) => {
      const check = checks[index - 1]
      if (!check) return [paint('dim', row)]
      const fix = check.fix === '' ? [] : [`      ${check.fix}`]
      return [`${paint(colour[word(check.ok)], row.slice(0, 4))}${row.slice(4)}`, ...fix]
    })
    .join('\n')
}
