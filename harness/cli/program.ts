import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { addCheck, addReport } from './commands/check-run.ts'
import { addClean } from './commands/clean.ts'
import { addDoctor } from './commands/doctor.ts'
import { addFaults } from './commands/faults.ts'
import { addImages } from './commands/images.ts'
import { addInject } from './commands/inject.ts'
import { addList } from './commands/list.ts'
import { addRun } from './commands/run.ts'
import { addTail } from './commands/tail.ts'
import { addDown, addUp } from './commands/up-down.ts'
import type { ExitCode, AddCommand } from './commands/command.ts'

const commands: readonly AddCommand[] = [
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

/** Runs one command line and returns its exit code; rejects with a HoldfastError. */
export async function program(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0
  const command = new Command('holdfast')
    .description(
      'Boots a real Kubernetes cluster in containers, injects faults and judges whether it behaves as documented.',
    )
    .version(version(), '-V, --version')
    .showHelpAfterError(false)
    .addHelpText(
      'after',
      `
Exit codes: 0 no contract failed; 1 a contract failed or was late; 2 inconclusive, invalid
or incomplete; 64 usage error; 130 interrupted.

First run: npm start. From a checkout, "holdfast" is "npm run holdfast --":
  npm run holdfast -- run kill-scheduler
  npm run holdfast -- run --help`,
    )
    .exitOverride()
  for (const addCommand of commands) addCommand(command, (ended) => (code = ended))
  try {
    await command.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has already printed its error and suggestion; help and version are not errors.
    return error.exitCode === 0 ? 0 : 64
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
