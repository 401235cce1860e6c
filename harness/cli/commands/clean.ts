import { formatOwner } from '../../host/ownership.ts'
import type { RunOnEngine } from '../../run/orphans/runs-on-engine.ts'
import { agree } from '../input/agree.ts'
import { columns, output, type Output } from '../output/output.ts'
import type { ExitCode, AddCommand } from './command.ts'

interface CleanFlags {
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly all?: boolean
  readonly yes?: boolean
}

export const addClean: AddCommand = (program, ended) => {
  program
    .command('clean')
    .description('remove Docker objects that crashed runs left behind')
    .option('--dry-run', 'list these objects without removing them')
    .option('--all', 'also remove active runs, kept clusters and runs of unknown owner, after a confirmation')
    .option('--yes', 'with --all: skip the confirmation')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (flags: CleanFlags) => ended(await clean(flags)))
}

async function clean({ json = false, dryRun = false, all = false, yes = false }: CleanFlags): Promise<ExitCode> {
  const out = output(json)
  const [{ findRuns }, { removeRun }, { revertOrphanedRuns }] = await Promise.all([
    import('../../run/orphans/runs-on-engine.ts'),
    import('../../run/orphans/leftovers.ts'),
    import('../../run/orphans/orphaned-runs.ts'),
  ])
  const runs = await findRuns()
  const inUse = runs.filter(({ state }) => state !== 'dead')
  if (all && inUse.length > 0 && !dryRun) {
    out.note(runTable(inUse))
    await agree(`Remove ${inUse.length} runs that are or may be in use?`, yes)
  }
  const going = runs.filter(({ state }) => all || state === 'dead')
  if (!dryRun) {
    const failures: unknown[] = []
    for (const { run } of going) await removeRun(run).catch((error: unknown) => failures.push(error))
    await revertOrphanedRuns(() => undefined)
    if (failures.length > 0) throw failures[0]
  }
  const spared = all ? [] : inUse
  if (!json) print(going, spared, dryRun, out)
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

function print(going: readonly RunOnEngine[], spared: readonly RunOnEngine[], dryRun: boolean, out: Output): void {
  const parts = going.flatMap((run) => run.parts)
  const action = dryRun ? 'would remove' : 'removed'
  if (parts.length > 0) out.print(columns(parts.map(({ kind, name, run }) => [action, kind, name, `run ${run}`])))
  out.print(parts.length === 0 ? 'Ended runs left nothing behind.' : `${parts.length} objects in total.`)
  if (spared.length === 0) return
  out.print(`\nNot removed:\n${runTable(spared)}`)
  out.print('Remove a kept cluster with `holdfast down RUN`, every run with `holdfast clean --all`.')
}

const meaning = {
  alive: 'its process is running',
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
