import type { Verdict } from '../../judge/verdict/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { replayCommand } from '../../run/replay.ts'
import { interruptible } from '../interrupt.ts'
import { output } from '../output/output.ts'
import { ProgressLines } from '../output/progress-lines.ts'
import { chosenScenarios } from '../input/chosen-scenarios.ts'
import type { Flags, Settings } from '../input/settings.ts'
import { usageError } from '../input/usage-error.ts'
import { clusterFlags, type ExitCode, outOption, type AddCommand } from './command.ts'

interface RunFlags extends Flags {
  readonly repeat?: number
  readonly json?: boolean
}

export const addRun: AddCommand = (program, ended) => {
  const command = program
    .command('run')
    .argument(
      '[scenario...]',
      'scenario names, or files that export a scenario (default: the default scenarios; all: every built-in one)',
    )
  clusterFlags(command)
    .description('boot a cluster, inject faults, judge the recording and write a report')
    .option('--seed <number>', 'seed of every random choice (default: a new seed, printed)')
    .option('--out <folder>', outOption)
    .option('--repeat <n>', 'repeat the run n times and report recovery-time distributions (default: 1)', wholeNumber)
    .option('--keep', 'leave the cluster up at the end')
    .option('--json', 'print the result as JSON on stdout, all other output on stderr')
    .action(async (names: string[], flags: RunFlags) => ended(await run(names, flags)))
}

async function run(names: readonly string[], flags: RunFlags): Promise<ExitCode> {
  const out = output(flags.json ?? false)
  const { resolveSettings } = await import('../input/settings.ts')
  const settings = await resolveSettings(flags)
  const scenarios = await chosenScenarios(names)
  const { preflight } = await import('../input/preflight.ts')
  await preflight(settings)
  const repeat = flags.repeat ?? 1
  const replay = replayCommand({ ...settings, scenarios, repeat })
  out.note(`Seed ${settings.seed}. Repeat this run: ${replay}`)
  using lines = new ProgressLines(process.stderr, { verbose: Boolean(process.env['DEBUG']) })
  using interrupt = interruptible({ note: (text) => lines.line(text) })
  const [{ runScenarios }, { LiveView }, { Situation }, { revertOrphanedRuns }] = await Promise.all([
    import('../../run/run.ts'),
    import('../output/live-view.ts'),
    import('../../../reports/live/situation.ts'),
    import('../../run/orphans/orphaned-runs.ts'),
  ])
  await revertOrphanedRuns((text) => out.note(text))
  // Without a terminal there is no live view: events are printed as lines.
  using view = process.stderr.isTTY ? new LiveView(lines) : undefined
  const situation = view ?? new Situation()
  try {
    const result = await runScenarios({
      ...settings,
      scenarios,
      repeat,
      signal: interrupt.signal,
      progress: (event) => {
        interrupt.doing(event.text)
        lines.print(event)
      },
      onRecord: (record) => {
        const news = situation.see(record)
        if (isObserved(record)) for (const { text } of news) lines.print({ text, level: 'phase' })
      },
    })
    view?.[Symbol.dispose]()
    lines[Symbol.dispose]()
    await printResult(result, settings, replay, out)
    if (!interrupt.signal.aborted) return result.exitCode as ExitCode
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    view?.[Symbol.dispose]()
    lines[Symbol.dispose]()
  }
  out.note('Interrupted: Holdfast reverted every fault and removed the cluster.')
  return 130
}

/** Selects records about the cluster; the run itself reports progress in its own events. */
function isObserved({ kind }: JournalRecord): boolean {
  return ['fault', 'watch', 'etcd', 'attempt'].includes(kind)
}

interface Result {
  readonly run: string
  readonly folder: string
  readonly verdicts: readonly Verdict[]
  readonly exitCode: number
}

async function printResult(
  result: Result,
  settings: Settings,
  replay: string,
  out: ReturnType<typeof output>,
): Promise<void> {
  const [{ terminalOptions }, { verdictTable }, { readSummary }] = await Promise.all([
    import('../../../reports/text/terminal-format.ts'),
    import('../../../reports/text/terminal.ts'),
    import('../output/run-summary.ts'),
  ])
  const { incomplete = [] } = (await readSummary(result.folder)) ?? {}
  const options = terminalOptions(out.json ? process.stderr : process.stdout)
  // A run that ended before its first record has no verdicts.
  if (result.verdicts.length > 0) out.print(`\n${verdictTable(result.verdicts, options, incomplete)}\n`)
  out.print(`Report: ${result.folder}/index.html`)
  out.note(`Seed ${settings.seed}. Repeat this run: ${replay}`)
  out.result({
    ...result,
    incomplete,
    seed: settings.seed,
    topology: settings.topology,
    timings: settings.timings,
    replay,
  })
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw usageError(
    `Invalid --repeat "${text}": expected a whole number from 1 to 9999.`,
    'Give the number of repetitions, for example 10.',
  )
}
