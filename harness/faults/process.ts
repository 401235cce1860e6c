import { z } from 'zod'
import { endingSignals } from '../cluster/agent/actions/signal.ts'
import type { Action } from '../cluster/agent/protocol.ts'
import type { ComponentRef } from '../cluster/cluster.ts'
import { componentsWithin, isWhole } from '../cluster/components.ts'
import { HoldfastError } from '../errors.ts'
import { eventually } from '../eventually.ts'
import type { FaultTarget } from '../record/records.ts'
import { type AgentFault, agentFault } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'

const runsWithinMs = 10_000

type EndingSignal = (typeof endingSignals)[number]

export interface KillOptions {
  /** Its supervisor does not bring it back until the fault is healed. Default: true. */
  readonly stay?: boolean
  /** Default: SIGKILL. One that the process handles without ending leaves the fault unproven. */
  readonly signal?: EndingSignal
}

/** Ends the process at once (SIGKILL), or as a signal of another kind makes it. */
export function kill(ref: ComponentRef, options: KillOptions = {}): Fault {
  const { stay = true, signal: how = 'SIGKILL' } = options
  return processFault('kill', ref, signal(ref, how, stay), 'gone')
}

/** Asks the process to end (SIGTERM) and leaves it down until healed. */
export function stop(ref: ComponentRef): Fault {
  return processFault('stop', ref, signal(ref, 'SIGTERM', true), 'gone')
}

/** Freezes the process (SIGSTOP): its connections stay open and nobody answers on them. */
export function pause(ref: ComponentRef): Fault {
  const fault = processFault('pause', ref, { do: 'pause', params: { component: ref.component } }, 'frozen')
  return { ...fault, available: async () => (await fault.available()) ?? frozenAlready(ref) }
}

async function frozenAlready({ machine, component }: ComponentRef): Promise<string | undefined> {
  const { frozen } = await machine.call('state', { component })
  return frozen ? `${component} on ${machine.name} is frozen already` : undefined
}

function signal({ component }: ComponentRef, signal: EndingSignal, stay: boolean): Action {
  return { do: 'signal', params: { component, signal, stay } }
}

/** What every fault has in common that hits one component's process; the rest is in its own file. */
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
      if (!machine.spec.components.includes(component)) return `${machine.name} has no ${component}`
      const { pid } = await machine.call('state', { component })
      return pid === 0 ? `${component} on ${machine.name} has no process to hit` : undefined
    },
    healthy: async () => {
      // One that has ended by itself meanwhile is its supervisor's, which waits for up to a second with it.
      const seen = await eventually(
        `${component} on ${machine.name} to run after healing`,
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

/** What else runs in that process is hit along with it: a machine has one process at most that has others inside. */
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

/** @throws HoldfastError HF_NOT_APPLICABLE where the component is part of another process: hitting that one would be another fault */
export function refuseWithin({ machine, component }: ComponentRef): void {
  const reason = machine.spec.within[component]
  if (reason === undefined) return
  throw new HoldfastError('HF_NOT_APPLICABLE', `not-applicable: ${reason}`, {
    hint: `On ${machine.name} these can be hit by themselves: ${machine.spec.components.join(', ')}.`,
  })
}

const gone = 'of the process with that pid and start time no thread is left'
const runsAgain = 'its supervisor runs it again, with a pid and a start time that are told'

export const killKind = faultKind({
  name: 'kill',
  group: 'process',
  describe: 'Ends a component at once (SIGKILL), or with another signal',
  hits: 'component',
  evidence: { bit: gone, ended: runsAgain },
  options: z.object({
    stay: z.boolean().default(true).describe('its supervisor leaves it down until the fault is healed'),
    signal: z.enum(endingSignals).default('SIGKILL').describe('what it is sent'),
  }),
  make: (ref, options) => kill(ref, options),
})

export const stopKind = faultKind({
  name: 'stop',
  group: 'process',
  describe: 'Asks a component to end (SIGTERM) and leaves it down until healed',
  hits: 'component',
  evidence: { bit: gone, ended: runsAgain },
  options: z.object({}),
  make: (ref) => stop(ref),
})

export const pauseKind = faultKind({
  name: 'pause',
  group: 'process',
  describe: 'Freezes a component (SIGSTOP): its connections stay open and nobody answers on them',
  hits: 'component',
  evidence: { bit: 'the process is in state T (stopped)', ended: 'the same process is out of state T' },
  options: z.object({}),
  make: (ref) => pause(ref),
})
