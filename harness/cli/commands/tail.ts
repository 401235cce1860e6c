import { output } from '../output/output.ts'
import { ProgressLines } from '../output/progress-lines.ts'
import { findRun } from '../input/run-folder.ts'
import { type ExitCode, outOption, runArgument, type AddCommand } from './command.ts'

export const addTail: AddCommand = (program, ended) => {
  program
    .command('tail')
    .argument('[run]', runArgument, 'last')
    .description('follow a run live: active faults, leaders, Nodes and probe results; needs no Docker')
    .option('--out <folder>', outOption)
    .action(async (run: string, flags: { readonly out?: string }) => ended(await tail(run, flags)))
}

async function tail(run: string, flags: { readonly out?: string }): Promise<ExitCode> {
  const { resolveSettings } = await import('../input/settings.ts')
  const settings = await resolveSettings(flags.out === undefined ? {} : { out: flags.out })
  const { folder, journal } = findRun(run, settings.out)
  const [{ JournalFollower }, { newsLine }, { LiveView }] = await Promise.all([
    import('../../record/follow-journal.ts'),
    import('../../../reports/live/lines.ts'),
    import('../output/live-view.ts'),
  ])
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const unread = new AbortController()
  // The reader closed the pipe (`| head`).
  process.stdout.once('error', () => unread.abort())
  const follower = new JournalFollower(journal, AbortSignal.any([interrupted.signal, unread.signal]))
  {
    using screen = new ProgressLines(process.stdout)
    using view = new LiveView(screen)
    for await (const batch of follower) {
      for (const record of batch) for (const news of view.see(record)) screen.line(newsLine(news))
    }
  }
  if (interrupted.signal.aborted) return 130
  if (follower.end?.how !== 'abandoned') return 0
  const { torn } = follower.end
  const { note } = output(false)
  note(
    `The run's process was killed before it wrote reports.${torn > 0 ? ` The journal's last line is torn after ${torn} bytes.` : ''}`,
  )
  note(`Judge the recorded part: npm run holdfast -- check ${folder}`)
  return 2
}
