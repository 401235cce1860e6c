import { output } from './output.ts'
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
  const { folder, journal } = findRun(run, settings.out)
  const [{ JournalFollower }, { newsLine }, { LiveView }] = await Promise.all([
    import('../record/follow-journal.ts'),
    import('../../reports/live/lines.ts'),
    import('./live-view.ts'),
  ])
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const unread = new AbortController()
  // Nobody reads on (`| head`): there is nothing left to do.
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
    `The run's process is gone and has left no reports: it was killed.${torn > 0 ? ` The last line is torn after ${torn} bytes.` : ''}`,
  )
  note(`What is there can be judged: npm run holdfast -- check ${folder}`)
  return 2
}
