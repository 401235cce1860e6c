import type { Action } from '../../agent/actions/known-action.ts'
import type { ComponentRef } from '../../cluster/cluster.ts'
import { embeddedComponents, embedsComponents } from '../../cluster/components.ts'
import { HoldfastError } from '../../common/errors.ts'
import { eventually } from '../../common/eventually.ts'
import type { FaultTarget } from '../../record/records.ts'
import { type AgentFault, agentFault } from '../engine/agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'

const runsWithinMs = 10_000

/** Shared parts of faults that hit one component's process. */
export function hitsProcess({
  machine,
  component,
}: ComponentRef): Pick<AgentFault, 'target' | 'claims' | 'machine' | 'available' | 'healthy'> {
  return {
    target: processTarget({ machine, component }),
    claims: [`${machine.name}/${component}`],
    machine,
    available: async () => {
      refuseEmbedded({ machine, component })
      if (!machine.spec.components.includes(component)) return `${machine.name} runs no ${component}`
      const { pid } = await machine.call('state', { component })
      return pid === 0 ? `${component} on ${machine.name} has no process` : undefined
    },
    healthy: async () => {
      // The process may have ended by itself meanwhile; its supervisor restarts it after up to a second.
      const seen = await eventually(
        `${component} on ${machine.name} to run after the reversal`,
        async () => {
          const state = await machine.call('state', { component })
          if (state.pid === 0 || state.frozen) throw new Error(JSON.stringify(state))
          return state
        },
        { timeoutMs: runsWithinMs, intervalMs: 5 },
      )
      return { pid: seen.pid, startedAt: seen.startedAt }
    },
  }
}

/** The target, with all components of the process: a machine has at most one process with embedded components. */
function processTarget({ machine, component }: ComponentRef): FaultTarget {
  const along = embedsComponents(component) ? embeddedComponents(machine.spec) : []
  return { machines: [machine.name], component, ...(along.length > 0 ? { along: [...along] } : {}) }
}

/** A fault that the agent applies to the process at once. `becomes` is the state of the process then. */
export function processFault(ref: ComponentRef, action: Action, becomes: string): FaultBody {
  const { machine, component } = ref
  return agentFault({
    ...hitsProcess(ref),
    action: () => action,
    confirmed: `the process of ${component} on ${machine.name} is ${becomes}`,
    cleared: `${component} on ${machine.name} runs again`,
  })
}

/** Refuses an embedded component: a fault of its process is a different one. @throws HoldfastError HF_NOT_APPLICABLE */
export function refuseEmbedded({ machine, component }: ComponentRef): void {
  const reason = machine.spec.embedded[component]
  if (reason === undefined) return
  throw new HoldfastError('HF_NOT_APPLICABLE', `not-applicable: ${reason}`, {
    hint: `Choose a separate process of ${machine.name}: ${machine.spec.components.join(', ')}.`,
  })
}

/** Evidence of faults that end the process. */
export const endsProcess = {
  confirmed: 'the process (pid and start time) has no threads left',
  cleared: 'its supervisor runs it again; the facts contain the new pid and start time',
} as const
