import { interruptible } from '../interrupt.ts'
import { output } from '../output/output.ts'
import { ProgressLines } from '../output/progress-lines.ts'
import type { Flags } from '../input/settings.ts'
import { clusterFlags, type ExitCode, type AddCommand } from './command.ts'

export const addUp: AddCommand = (program, ended) => {
  clusterFlags(program.command('up'))
    .description('boot a cluster and leave it up')
    .option('--json', 'print name and kubeconfig as JSON on stdout')
    .action(async (flags: Flags & { json?: boolean }) => ended(await up(flags)))
}

export const addDown: AddCommand = (program, ended) => {
  program
    .command('down')
    .argument('[name]', 'cluster name (default: the only one)')
    .description('remove a cluster that `up` or `run --keep` started')
    .action(async (name: string | undefined) => ended(await down(name)))
}

async function up(flags: Flags & { json?: boolean }): Promise<ExitCode> {
  const out = output(flags.json ?? false)
  const { resolveSettings } = await import('../input/settings.ts')
  const settings = await resolveSettings(flags)
  const { preflight } = await import('../input/preflight.ts')
  await preflight(settings)
  using interrupt = interruptible(out)
  using lines = new ProgressLines(process.stderr)
  const [{ up: boot }, { revertOrphanedRuns }] = await Promise.all([
    import('../../run/kept-clusters/kept-cluster.ts'),
    import('../../run/orphans/orphaned-runs.ts'),
  ])
  await revertOrphanedRuns((text) => out.note(text))
  try {
    const cluster = await boot({ ...settings, signal: interrupt.signal, progress: (event) => lines.print(event) })
    lines[Symbol.dispose]()
    if (!out.json)
      out.print(
        `Cluster ${cluster.name} is up.\nexport KUBECONFIG=${cluster.kubeconfig}\nRemove it: npm run holdfast -- down ${cluster.name}`,
      )
    out.result(cluster)
    return 0
  } catch (error) {
    if (interrupt.signal.aborted) return 130
    throw error
  }
}

async function down(name: string | undefined): Promise<ExitCode> {
  const { down: remove } = await import('../../run/kept-clusters/kept-cluster.ts')
  await remove(name)
  output(false).print(name === undefined ? 'The cluster is removed.' : `Cluster ${name} is removed.`)
  return 0
}
