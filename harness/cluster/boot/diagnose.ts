import { errorMessage } from '../../common/error-message.mjs'
import { componentsOf } from '../components.ts'
import { paths } from '../../agent/paths.ts'
import type { Machine } from '../machine/machine.ts'

const lines = 12
/** When a boot has failed, a process this young is one of many failed starts. */
const youngMs = 5_000

/** Returns the last lines of every component without a lasting process, the likely cause of a failed start; '' when all run. */
export async function diagnose(machines: readonly Machine[]): Promise<string> {
  const diagnoses = await Promise.all(machines.map(diagnoseMachine))
  return diagnoses.flat().join('\n')
}

async function diagnoseMachine(machine: Machine): Promise<string[]> {
  try {
    const diagnoses: string[] = []
    for (const component of componentsOf(machine.spec)) {
      const state = await machine.call('state', { component })
      // A component that was not requested to run yet is not the cause.
      if (state.wanted === 'down' || state.ageMs > youngMs) continue
      const { stdout } = await machine.call('exec', {
        argv: ['tail', '-n', String(lines), `${paths.logs}/${component}.log`],
        timeoutMs: 5_000,
      })
      diagnoses.push(`${component} on ${machine.name} does not stay up; its last lines:\n${stdout.trimEnd()}`)
    }
    return diagnoses
  } catch (error) {
    return [`${machine.name} does not answer: ${errorMessage(error)}`]
  }
}
