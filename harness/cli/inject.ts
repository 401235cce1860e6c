import type { RecordOf } from '../record/records.ts'
import { interruptible } from './interrupt.ts'
import { tellLongWaits } from './long-waits.ts'
import { output } from './output.ts'
import type { ExitCode, Verb } from './verb.ts'

interface InjectFlags {
  readonly target: string
  readonly for: string
  readonly set?: readonly string[]
  readonly cluster?: string
  readonly json?: boolean
}

export const addInject: Verb = (program, ended) => {
  program
    .command('inject')
    .argument('<fault>', 'its name, from `holdfast faults`')
    .description('break something by hand on a cluster that `up` left, and mend it')
    .requiredOption('--target <words>', 'what to hit: etcd@leader, worker1, zone:zone-1, hosting:NAMESPACE/POD ...')
    .requiredOption('--for <time>', 'how long: 250ms, 30s, 5m')
    .option('--set <name=value...>', "the fault's own options")
    .option('--cluster <name>', 'the cluster (default: the only one)')
    .option('--json', 'what proved it, as JSON on stdout')
    .action(async (fault: string, flags: InjectFlags) => ended(await inject(fault, flags)))
}

async function inject(
  fault: string,
  { target, set = [], cluster, json = false, ...flags }: InjectFlags,
): Promise<ExitCode> {
  const out = output(json)
  using interrupt = interruptible(out, 'healing what is in force ...')
  using _ = tellLongWaits(out)
  const { injectByHand } = await import('../run/inject.ts')
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
      out.say(`${record.fault} ${where}: ${record.edge}${facts ? ` (${facts})` : ''}`)
    },
  })
  out.result(injected)
  return interrupt.signal.aborted ? 130 : 0
}

/** What a tool that failed wrote last: the fault's own error says only what did not come about. */
function failedCommand({ argv, machine, exitCode, stdout, stderr }: RecordOf<'command'>): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n  ')
  return `\`${argv.join(' ')}\` on ${machine} ended with exit code ${exitCode}${said === '' ? '.' : `:\n  ${said}`}`
}
