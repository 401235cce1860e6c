import { printWhole } from './output/printed.ts'
import { program } from './program.ts'
import { troubleOf } from './output/trouble.ts'

printWhole()

try {
  process.exitCode = await program(process.argv.slice(2))
} catch (error) {
  const { text, exitCode } = troubleOf(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}
// A handle that a library leaves open must not keep the process alive; pending output has three seconds.
setTimeout(() => process.exit(), 3000).unref()
