import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { addCheck, addReport } from './check-run.ts'
import { addClean } from './clean.ts'
import { addDoctor } from './doctor.ts'
import { addFaults } from './faults.ts'
import { addImages } from './images.ts'
import { addInject } from './inject.ts'
import { addList } from './list.ts'
import { addRun } from './run.ts'
import { addTail } from './tail.ts'
import { addDown, addUp } from './up-down.ts'
import type { ExitCode, Verb } from './verb.ts'

const verbs: readonly Verb[] = [
  addRun,
  addTail,
  addList,
  addDoctor,
  addImages,
  addUp,
  addDown,
  addFaults,
  addInject,
  addClean,
  addCheck,
  addReport,
]

/** Runs one command line and tells its exit code; rejects with a HoldfastError when it can't be done. */
export async function program(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0
  const command = new Command('holdfast')
    .description(
      'Proves, by breaking things, that a Kubernetes cluster keeps the promises of its documented architecture.',
    )
    .version(version(), '-V, --version')
    .showHelpAfterError(false)
    .addHelpText(
      'after',
      '\nExit codes: 0 all pass or known; 1 a promise broken or late; 2 undecided or the rig failed; 64 usage; 130 interrupted.',
    )
    .exitOverride()
  for (const verb of verbs) verb(command, (ended) => (code = ended))
  try {
    await command.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has already said what is wrong, with its own "did you mean"; help and version are no error.
    return error.exitCode === 0 ? 0 : 64
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
