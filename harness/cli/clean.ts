import { columns, output } from './output.ts'
import type { ExitCode, Verb } from './verb.ts'

interface CleanFlags {
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly all?: boolean
}

export const addClean: Verb = (program, ended) => {
  program
    .command('clean')
    .description('remove what runs that ended abruptly left in Docker')
    .option('--dry-run', 'only say what would be removed')
    .option('--all', 'also what belongs to runs and clusters that are still up')
    .option('--json', 'the same as JSON on stdout')
    .action(async (flags: CleanFlags) => ended(await clean(flags)))
}

async function clean({ json = false, dryRun = false, all = false }: CleanFlags): Promise<ExitCode> {
  const out = output(json)
  const [{ findLeftovers, removeLeftovers }, { undoAbandoned }] = await Promise.all([
    import('../run/leftovers.ts'),
    import('../run/abandoned.ts'),
  ])
  const found = await findLeftovers()
  const going = found.filter(({ alive }) => all || !alive)
  const spared = found.length - going.length
  if (!dryRun) {
    await removeLeftovers(going)
    await undoAbandoned((text) => out.note(text))
  }
  if (!json) {
    if (going.length > 0)
      out.say(
        columns(going.map(({ kind, name, run }) => [dryRun ? 'would remove' : 'removed', kind, name, `run ${run}`])),
      )
    out.say(going.length === 0 ? 'Nothing is left of earlier runs.' : `${going.length} in all.`)
    if (spared > 0) out.say(`${spared} more belong to what is still up; --all removes them too.`)
  }
  out.result({ removed: !dryRun, leftovers: going, spared })
  return 0
}
