import { createVitest, parseCLI } from 'vitest/node'
import { errorMessage } from '../harness/common/error-message.mjs'
import { checkLine, runChecks } from './checks/checks.ts'
import { add, closingLine, countsOfChecks, countsOfModules, noiseLine, nothing } from './counts.ts'

/*
 * Runs the static checks, then vitest with the arguments after `npm test --`. The last line counts all of them.
 * Vitest runs in this process with its configured reporters, so that fixtures clean up after a Ctrl-C.
 */

const wanted = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const filtered = process.argv.length > 2

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
let interrupts = 0
let cancel: (() => Promise<void>) | undefined
const onSignal = (): void => {
  interrupts += 1
  if (interrupts === 1) console.error('Cancelling: cleaning up what the tests started.')
  if (interrupts === 2) console.error('Still cleaning up. A third Ctrl-C ends at once.')
  if (interrupts === 3) process.exit(130)
  if (interrupts === 1) void cancel?.()
}
for (const name of signals) process.on(name, onSignal)

// With a filter a developer works on one test: the static checks do not run.
const checks = filtered ? [] : await runChecks((result) => console.log(checkLine(result)))
let counts = add(nothing, countsOfChecks(checks))
let undone = false
if (interrupts === 0) {
  try {
    const vitest = await createVitest({ ...wanted.options, watch: false, run: true })
    // Vitest's own signal handlers exit before fixtures have cleaned up.
    for (const name of signals) process.removeAllListeners(name).on(name, onSignal)
    cancel = () => vitest.cancelCurrentRun('keyboard-input')
    try {
      await vitest.start(wanted.filter)
      counts = add(counts, countsOfModules(vitest.state.getTestModules()))
      undone = vitest.state.getUnhandledErrors().length > 0
    } finally {
      await vitest.close()
    }
  } catch (error) {
    console.error(errorMessage(error))
    undone = true
  }
}
const failed = counts.failed > 0 || undone || Boolean(process.exitCode)
process.exitCode = interrupts > 0 ? 130 : failed ? 1 : 0
process.stdout.write(`${noiseLine(counts)}${closingLine(counts)}\n`)
setTimeout(() => process.exit(), 3000).unref()
