import type { Machine } from '../cluster/machine.ts'

/* Looks into a machine by its own programs. A program that could not run says nothing, and is no "no". */

const timeoutMs = 5_000

/** What a program prints. @throws when it ends with anything but 0 */
export async function printed(machine: Machine, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode !== 0) throw new Error(`${machine.name}: ${argv.join(' ')} ended with ${exitCode}: ${stderr.trim()}`)
  return stdout
}

/**
 * Whether a condition of a shell holds there: 0 is yes, 1 is no.
 * @throws when it ends with anything else: a program that is missing, a time-out, grep's "could not read"
 */
export async function holds(machine: Machine, condition: string): Promise<boolean> {
  const argv = ['sh', '-c', condition]
  const { exitCode, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode === 0 || exitCode === 1) return exitCode === 0
  throw new Error(`${machine.name}: "${condition}" ended with ${exitCode}: ${stderr.trim()}`)
}
