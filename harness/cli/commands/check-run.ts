import { refuseUnwritable } from '../../host/checks/folders.ts'
import { output } from '../output/output.ts'
import { findRun } from '../input/run-folder.ts'
import { type ExitCode, outOption, runArgument, type AddCommand } from './command.ts'

interface AgainFlags {
  readonly json?: boolean
  readonly out?: string
}

export const addCheck: AddCommand = (program, ended) => {
  program
    .command('check')
    .argument('<run>', runArgument)
    .description('judge a recorded run again; needs no Docker')
    .option('--out <folder>', outOption)
    .option('--json', 'print the verdicts as JSON on stdout')
    .action(async (run: string, flags: AgainFlags) => ended(await again(run, flags, false)))
}

export const addReport: AddCommand = (program, ended) => {
  program
    .command('report')
    .argument('<run>', runArgument)
    .description('judge a recorded run again and rewrite its reports; needs no Docker')
    .option('--out <folder>', outOption)
    .option('--json', 'print the verdicts as JSON on stdout')
    .action(async (run: string, flags: AgainFlags) => ended(await again(run, flags, true)))
}

async function again(run: string, flags: AgainFlags, write: boolean): Promise<ExitCode> {
  const out = output(flags.json ?? false)
  const { resolveSettings } = await import('../input/settings.ts')
  const settings = await resolveSettings(flags.out === undefined ? {} : { out: flags.out })
  const { folder, journal } = findRun(run, settings.out)
  if (write) refuseUnwritable(folder, 'Copy the run to a writable folder and give that path.')
  const [{ readJournal }, { judgeJournal }, { runExitCode }] = await Promise.all([
    import('../../record/read-journal.ts'),
    import('../../contracts/judge-journal.ts'),
    import('../../judge/verdict/exit-code.ts'),
  ])
  const records = await readJournal(journal, ({ line, bytes }) =>
    out.note(
      `The journal's last line (${line}) is torn after ${bytes} bytes: its writer was killed. Holdfast ignores the line.`,
    ),
  )
  if (records.some((record) => record.kind === 'run' && record.schema === 1))
    out.note("This journal has schema 1 and no hash chain: Holdfast can't detect missing lines.")
  const verdicts = judgeJournal(records)
  if (write) {
    const { writeReports } = await import('../../../reports/write-reports.ts')
    await writeReports(folder, records, verdicts)
  }
  const [{ terminalOptions }, { verdictTable }, { incompleteness }, { runOutline }] = await Promise.all([
    import('../../../reports/text/terminal-format.ts'),
    import('../../../reports/text/terminal.ts'),
    import('../../../reports/facts/incomplete.ts'),
    import('../../../reports/facts/run-facts.ts'),
  ])
  const incomplete = incompleteness(runOutline(records))
  if (!out.json) out.print(verdictTable(verdicts, terminalOptions(process.stdout), incomplete))
  if (write) out.print(`Report: ${folder}/index.html`)
  const code = runExitCode(records, verdicts) as ExitCode
  out.result({ folder, verdicts, incomplete, exitCode: code })
  // `report` succeeds when the files are written, whatever the verdicts are.
  return write ? 0 : code
}
