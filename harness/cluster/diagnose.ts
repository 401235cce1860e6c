import { componentsOf } from './components.ts'
import { paths } from './distribution/upstream/paths.ts'
import type { Machine } from './machine.ts'

const lines = 12
/** A process this young when a boot has failed is one of many that its supervisor has started in vain. */
const youngMs = 5_000

/** The last lines of every component that has no lasting process, or '' when all run: what a failed start is most likely about. */
export async function diagnose(machines: readonly Machine[]): Promise<string> {
  const told = await Promise.all(machines.map(diagnoseMachine))
  return told.flat().join('\n')
}

async function diagnoseMachine(machine: Machine): Promise<string[]> {
  try {
    const told: string[] = []
    for (const component of componentsOf(machine.spec)) {
      const state = await machine.call('state', { component })
      // One that nobody asked to run yet is not to blame.
      if (state.wanted === 'down' || state.ageMs > youngMs) continue
      const { stdout } = await machine.call('exec', {
        argv: ['tail', '-n', String(lines), `${paths.logs}/${component}.log`],
        timeoutMs: 5_000,
      })
      told.push(`${component} on ${machine.name} does not stay up; its last lines:\n${stdout.trimEnd()}`)
    }
    return told
  } catch (error) {
    return [`${machine.name} can't be asked: ${error instanceof Error ? error.message : String(error)}`]
  }
}
