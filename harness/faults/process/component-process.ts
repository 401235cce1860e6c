import { z } from 'zod'
import { endingSignals } from '../../agent/actions/process/signal.ts'
import type { Action } from '../../agent/rpc/protocol.ts'
import type { ComponentRef } from '../../cluster/cluster.ts'
import { componentsWithin, isWhole } from '../../cluster/components.ts'
import { HoldfastError } from '../../common/errors.ts'
import { eventually } from '../../common/eventually.ts'
import type { FaultTarget } from '../../record/records.ts'
import { type AgentFault, agentFault } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'

const runsWithinMs = 10_000

type EndingSignal = (typeof endingSignals)[number]

export interface KillOptions {
  /** Its supervisor keeps it down until the fault is reverted. Default: true. */
  readonly stay?: boolean
  /** Default: SIGKILL. The fault is unproven if the process survives the signal. */
  readonly signal?: EndingSignal
}

/** Kills the process with SIGKILL or another signal. */
export function kill(ref: ComponentRef, options: KillOptions = {}): Fault {
  const { stay = true, signal: how = 'SIGKILL' } = options
  return processFault('kill', ref, signal(ref, how, stay), 'gone')
}

/** Terminates the process (SIGTERM) and keeps it down until reverted. */
export function stop(ref: ComponentRef): Fault {
  return processFault('stop', ref, signal(ref, 'SIGTERM', true), 'gone')
}

/** Freezes the process (SIGSTOP): its connections stay open, but it does not answer. */
export function pause(ref: ComponentRef): Fault {
  const fault = processFault('pause', ref, { do: 'pause', params: { component: ref.component } }, 'frozen')
  return { ...fault, available: async () => (await fault.available()) ?? frozenAlready(ref) }
}

async function frozenAlready({ machine, component }: ComponentRef): Promise<string | undefined> {
  const { frozen } = await machine.call('state', { component })
  return frozen ? `${component} on ${machine.name} is already frozen` : undefined
}

function signal({ component }: ComponentRef, signal: EndingSignal, stay: boolean): Action {
  return { do: 'signal', params: { component, signal, stay } }
}

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
      refuseWithin({ machine, component })
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
        { withinMs: runsWithinMs, everyMs: 5 },
      )
      return { pid: seen.pid, startedAt: seen.startedAt }
    },
  }
}

/** The target, with all components of the process: a machine has at most one process with embedded components. */
function processTarget({ machine, component }: ComponentRef): FaultTarget {
  const along = isWhole(component) ? componentsWithin(machine.spec) : []
  return { machines: [machine.name], component, ...(along.length > 0 ? { along: [...along] } : {}) }
}

function processFault(name: string, ref: ComponentRef, action: Action, becomes: string): Fault {
  const { machine, component } = ref
  return agentFault({
    ...hitsProcess(ref),
    name,
    action: () => action,
    bit: `the process of ${component} on ${machine.name} is ${becomes}`,
    ended: `${component} on ${machine.name} runs again`,
  })
}

/** Refuses an embedded component: a fault of its process is a different one. @throws HoldfastError HF_NOT_APPLICABLE */
export function refuseWithin({ machine, component }: ComponentRef): void {
  const reason = machine.spec.within[component]
  if (reason === undefined) return
  throw new HoldfastError('HF_NOT_APPLICABLE', `not-applicable: ${reason}`, {
    hint: `Choose a separate process of ${machine.name}: ${machine.spec.components.join(', ')}.`,
  })
}

const gone = 'the process (pid and start time) has no threads left'
const runsAgain = 'its supervisor runs it again; the facts contain the new pid and start time'

export const killKind = faultKind({
  name: 'kill',
  group: 'process',
  describe: 'Kills a component with SIGKILL or another signal',
  hits: 'component',
  evidence: { bit: gone, ended: runsAgain },
  options: z.object({
    stay: z.boolean().default(true).describe('its supervisor keeps it down until the fault is reverted'),
    signal: z.enum(endingSignals).default('SIGKILL').describe('the signal'),
  }),
  make: (ref, options) => kill(ref, options),
})

export const stopKind = faultKind({
  name: 'stop',
  group: 'process',
  describe: 'Terminates a component (SIGTERM) and keeps it down until reverted',
  hits: 'component',
  evidence: { bit: gone, ended: runsAgain },
  options: z.object({}),
  make: (ref) => stop(ref),
})

export const pauseKind = faultKind({
  name: 'pause',
  group: 'process',
  describe: 'Freezes a component (SIGSTOP): its connections stay open, but it does not answer',
  hits: 'component',
  evidence: { bit: 'the process is in state T (stopped)', ended: 'the same process is not in state T' },
  options: z.object({}),
  make: (ref) => pause(ref),
})
