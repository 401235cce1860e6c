import { createVitest, parseCLI } from 'vitest/node'
import { checkLine, runChecks } from './checks.ts'
import { add, closingLine, countsOfChecks, countsOfModules, nothing } from './counts.ts'

/*
 * All tests: the static checks, then vitest with the words after `npm test --`. The last line is the count of all of them.
 * Vitest runs in this process, with its reporters as configured, so that a Ctrl-C lets fixtures put things away.
 */

const wanted = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const filtered = process.argv.length > 2

let interrupted = false
let impatient = false
let cancel: (() => Promise<void>) | undefined
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (impatient) process.exit(130)
    if (interrupted) {
      impatient = true
      console.error('Still putting things away. A third Ctrl-C ends at once.')
      return
    }
    interrupted = true
    void cancel?.()
  })
}

// With a filter somebody is at work on one thing: only that is run.
const checks = filtered ? [] : await runChecks((result) => console.log(checkLine(result)))
let counts = add(nothing, countsOfChecks(checks))
let undone = false
if (!interrupted) {
  try {
    const vitest = await createVitest({ ...wanted.options, watch: false, run: true })
    cancel = () => vitest.cancelCurrentRun('keyboard-input')
    try {
      await vitest.start(wanted.filter)
      counts = add(counts, countsOfModules(vitest.state.getTestModules()))
      undone = vitest.state.getUnhandledErrors().length > 0
    } finally {
      await vitest.close()
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    undone = true
  }
}
const failed = counts.failed > 0 || undone || Boolean(process.exitCode)
process.exitCode = interrupted ? 130 : failed ? 1 : 0
process.stdout.write(`${closingLine(counts)}\n`)
setTimeout(() => process.exit(), 3000).unref()
