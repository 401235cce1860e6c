import { writeWholeStdout } from './output/stdout-guard.ts'
import { program } from './program.ts'
import { formatError } from './output/format-error.ts'

writeWholeStdout()

try {
  process.exitCode = await program(process.argv.slice(2))
} catch (error) {
  const { text, exitCode } = formatError(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}
// A handle that a library leaves open must not keep the process alive; pending output has three seconds.
setTimeout(() => process.exit(), 3000).unref()
