import { printWhole } from './printed.ts'
import { program } from './program.ts'
import { troubleOf } from './trouble.ts'

printWhole()

try {
  process.exitCode = await program(process.argv.slice(2))
} catch (error) {
  const { text, exitCode } = troubleOf(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}
// What a library keeps open must not keep us; what is still being written gets its time.
setTimeout(() => process.exit(), 3000).unref()
