import type { Check } from '../host/check.ts'
import { columns, output, paint } from './output.ts'
import type { ExitCode, Verb } from './verb.ts'

export const addDoctor: Verb = (program, ended) => {
  program
    .command('doctor')
    .description('what this machine has, what is needed, and how to mend what is not')
    .option('--json', 'the checks as JSON on stdout')
    .action(async (flags: { json?: boolean }) => ended(await doctor(flags.json ?? false)))
}

async function doctor(json: boolean): Promise<ExitCode> {
  const out = output(json)
  const { allChecks } = await import('./needs.ts')
  const checks = await allChecks()
  const unmet = checks.filter(({ ok }) => ok === false).length
  if (!json) {
    out.say(checkTable(checks))
    out.say(
      unmet === 0
        ? '\nEverything that is needed is here.'
        : `\n${unmet} ${unmet === 1 ? 'need is' : 'needs are'} not met.`,
    )
  }
  out.result({ ok: unmet === 0, checks })
  return unmet === 0 ? 0 : 2
}

/** One row a check, and what to do below those that need it. */
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
      const mend = check.mend === '' ? [] : [`      ${check.mend}`]
      return [`${paint(colour[word(check.ok)], row.slice(0, 4))}${row.slice(4)}`, ...mend]
    })
    .join('\n')
}
