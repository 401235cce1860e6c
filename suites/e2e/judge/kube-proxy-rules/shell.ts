import type { Machine } from '../../../../harness/cluster/machine/machine.ts'

/** Runs a command and returns its stdout. @throws if it fails */
export async function shell(machine: Machine, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.call('exec', { argv: ['sh', '-c', command], timeoutMs: 10_000 })
  if (exitCode !== 0) throw new Error(`${command}: ${stderr}`)
  return stdout
}
