import { ProgressLines } from './progress-lines.ts'
import { findRun } from './run-folder.ts'
import type { ExitCode, Verb } from './verb.ts'

export const addTail: Verb = (program, ended) => {
  program
    .command('tail')
    .argument('[run]', 'a run\'s id, its folder, or "last"', 'last')
    .description('follow a run as it goes: faults in force, leaders, nodes, and what probes see; needs no Docker')
    .option('--out <folder>', 'where runs are (default: reports/out)')
    .action(async (run: string, flags: { readonly out?: string }) => ended(await tail(run, flags)))
}

async function tail(run: string, flags: { readonly out?: string }): Promise<ExitCode> {
  const { resolveSettings } = await import('./settings.ts')
  const settings = await resolveSettings(flags.out === undefined ? {} : { out: flags.out })
  const { journal } = findRun(run, settings.out)
  const [{ followJournal }, { newsLine }, { LiveView }] = await Promise.all([
    import('../record/follow-journal.ts'),
    import('../../reports/live/lines.ts'),
    import('./live-view.ts'),
  ])
  const stopped = new AbortController()
  process.once('SIGINT', () => stopped.abort())
  using screen = new ProgressLines(process.stdout)
  using view = new LiveView(screen)
  for await (const batch of followJournal(journal, stopped.signal)) {
    for (const record of batch) for (const news of view.see(record)) screen.line(newsLine(news))
  }
  return stopped.signal.aborted ? 130 : 0
}
