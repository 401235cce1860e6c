import type { Machine } from '../../cluster/machine/machine.ts'

/* Reads a machine's state with its own programs. A program that could not run is an error, not a negative answer. */

const timeoutMs = 5_000

/** Returns the output of a program. @throws when its exit code is not 0 */
export async function outputOf(machine: Machine, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode !== 0) throw new Error(`${machine.name}: ${argv.join(' ')} exited with ${exitCode}: ${stderr.trim()}`)
  return stdout
}

/**
 * Evaluates a shell condition in a machine: exit code 0 is true, 1 is false.
 * @throws for any other exit code: a missing program, a time-out, a read error of grep
 */
export async function commandSucceeds(machine: Machine, condition: string): Promise<boolean> {
  const argv = ['sh', '-c', condition]
  const { exitCode, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode === 0 || exitCode === 1) return exitCode === 0
  throw new Error(`${machine.name}: "${condition}" exited with ${exitCode}: ${stderr.trim()}`)
}
