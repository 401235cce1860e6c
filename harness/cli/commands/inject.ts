import type { RecordOf } from '../../record/records.ts'
import { interruptible } from '../interrupt.ts'
import { reportLongWaits } from '../output/long-waits.ts'
import { output } from '../output/output.ts'
import type { ExitCode, AddCommand } from './command.ts'

interface InjectFlags {
  readonly target: string
  readonly for: string
  readonly set?: readonly string[]
  readonly cluster?: string
  readonly json?: boolean
}

export const addInject: AddCommand = (program, ended) => {
  program
    .command('inject')
    .argument('<fault>', 'fault name, see `holdfast faults`')
    .description('inject one fault into a cluster that `up` started, and revert it after a time')
    .requiredOption(
      '--target <selector>',
      'etcd@leader, worker1, zone:zone-1, hosting:NAMESPACE/POD and more, see docs/faults.md',
    )
    .requiredOption('--for <duration>', 'for example 250ms, 30s, 5m')
    .option('--set <name=value...>', 'options of the fault, see docs/faults.md')
    .option('--cluster <name>', 'cluster name (default: the only one)')
    .option('--json', 'print the evidence as JSON on stdout')
    .action(async (fault: string, flags: InjectFlags) => ended(await inject(fault, flags)))
}

async function inject(
  fault: string,
  { target, set = [], cluster, json = false, ...flags }: InjectFlags,
): Promise<ExitCode> {
  const out = output(json)
  using interrupt = interruptible(out, 'reverting the fault ...')
  using _ = reportLongWaits(out)
  const { injectByHand } = await import('../../run/kept-clusters/inject.ts')
  const injected = await injectByHand({
    fault,
    target,
    options: set,
    for: flags.for,
    cluster,
    signal: interrupt.signal,
    note: (text) => out.note(text),
    emit: (record) => {
      if (record.kind === 'rig') out.note(record.message)
      if (record.kind === 'command' && record.exitCode !== 0) out.note(failedCommand(record))
      if (record.kind !== 'fault') return
      const { component, machines } = record.target
      const where = `${component ? `${component}@` : ''}${machines.join(',')}`
      const facts = record.evidence.map(({ proves }) => proves).join('; ')
      out.print(`${record.fault} ${where}: ${record.edge}${facts ? ` (${facts})` : ''}`)
    },
  })
  out.result(injected)
  return interrupt.signal.aborted ? 130 : 0
}

/** Formats a failed command with its last output lines; the fault's own error names only the missing effect. */
function failedCommand({ argv, machine, exitCode, stdout, stderr }: RecordOf<'command'>): string {
  const lastLines = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n  ')
  return `\`${argv.join(' ')}\` on ${machine} exited with code ${exitCode}${lastLines === '' ? '.' : `:\n  ${lastLines}`}`
}
