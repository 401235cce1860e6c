import { formatOwner } from '../host/ownership.ts'
import type { RunOnEngine } from '../run/runs-on-engine.ts'
import { agree } from './agree.ts'
import { columns, output, type Output } from './output.ts'
import type { ExitCode, Verb } from './verb.ts'

interface CleanFlags {
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly all?: boolean
  readonly yes?: boolean
}

export const addClean: Verb = (program, ended) => {
  program
    .command('clean')
    .description('remove what runs that ended abruptly left in Docker')
    .option('--dry-run', 'only list what would be removed')
    .option('--all', 'also runs and clusters that are up, and those whose owner is unknown; asks first')
    .option('--yes', 'with --all: do not ask')
    .option('--json', 'the same as JSON on stdout')
    .action(async (flags: CleanFlags) => ended(await clean(flags)))
}

async function clean({ json = false, dryRun = false, all = false, yes = false }: CleanFlags): Promise<ExitCode> {
  const out = output(json)
  const [{ findRuns }, { removeRun }, { undoAbandoned }] = await Promise.all([
    import('../run/runs-on-engine.ts'),
    import('../run/leftovers.ts'),
    import('../run/abandoned.ts'),
  ])
  const runs = await findRuns()
  const inUse = runs.filter(({ state }) => state !== 'dead')
  if (all && inUse.length > 0 && !dryRun) {
    out.note(runTable(inUse))
    await agree(`Remove ${inUse.length} runs that are or may be in use?`, yes)
  }
  const going = runs.filter(({ state }) => all || state === 'dead')
  if (!dryRun) {
    for (const { run } of going) await removeRun(run)
    await undoAbandoned(() => undefined)
  }
  const spared = all ? [] : inUse
  if (!json) tell(going, spared, dryRun, out)
  const leftovers = (of: readonly RunOnEngine[]) => of.flatMap(({ parts }) => parts.map(withoutOwner))
  out.result({
    removed: !dryRun,
    leftovers: leftovers(going),
    spared: leftovers(spared).length,
    runs: spared.map(({ run, state, owner, mine }) => ({ run, state, mine, owner })),
  })
  return 0
}

function withoutOwner({ kind, id, name, run }: RunOnEngine['parts'][number]): object {
  return { kind, id, name, run }
}

function tell(going: readonly RunOnEngine[], spared: readonly RunOnEngine[], dryRun: boolean, out: Output): void {
  const parts = going.flatMap((run) => run.parts)
  const verb = dryRun ? 'would remove' : 'removed'
  if (parts.length > 0) out.say(columns(parts.map(({ kind, name, run }) => [verb, kind, name, `run ${run}`])))
  out.say(parts.length === 0 ? 'Nothing is left of runs that ended.' : `${parts.length} in all.`)
  if (spared.length === 0) return
  out.say(`\nLeft alone:\n${runTable(spared)}`)
  out.say('Remove a kept cluster with `holdfast down RUN`, everything with `holdfast clean --all`.')
}

const meaning = {
  alive: 'its process lives',
  kept: 'kept until `down`',
  unknown: 'owner unknown',
  dead: 'ended',
} as const

function runTable(runs: readonly RunOnEngine[]): string {
  return columns(
    runs.map(({ run, state, owner, parts }) => [
      `run ${run}`,
      meaning[state],
      `${parts.length} objects`,
      owner ? formatOwner(owner) : 'no owner recorded',
    ]),
  )
}
