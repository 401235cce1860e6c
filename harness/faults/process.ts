import { z } from 'zod'
import type { Action } from '../cluster/agent/protocol.ts'
import type { ComponentRef } from '../cluster/cluster.ts'
import { HoldfastError } from '../errors.ts'
import { agentFault } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'

/** Ends the process at once (SIGKILL). With `stay` its supervisor does not bring it back until the fault is healed. */
export function kill(ref: ComponentRef, options: { readonly stay?: boolean } = {}): Fault {
  const { stay = true } = options
  return processFault('kill', ref, signal(ref, 'SIGKILL', stay), 'gone')
}

/** Asks the process to end (SIGTERM) and leaves it down until healed. */
export function stop(ref: ComponentRef): Fault {
  return processFault('stop', ref, signal(ref, 'SIGTERM', true), 'gone')
}

/** Freezes the process (SIGSTOP): its connections stay open and nobody answers on them. */
export function pause(ref: ComponentRef): Fault {
  return processFault('pause', ref, { do: 'pause', params: { component: ref.component } }, 'frozen')
}

function signal({ component }: ComponentRef, signal: 'SIGKILL' | 'SIGTERM', stay: boolean): Action {
  return { do: 'signal', params: { component, signal, stay } }
}

function processFault(name: string, { machine, component }: ComponentRef, action: Action, becomes: string): Fault {
  return agentFault({
    name,
    target: { machines: [machine.name], component },
    claims: [`${machine.name}/${component}`],
    machine,
    action: () => action,
    available: async () => {
      refuseWithin({ machine, component })
      if (!machine.spec.components.includes(component)) return `${machine.name} has no ${component}`
      const { pid } = await machine.call('state', { component })
      return pid === 0 ? `${component} on ${machine.name} has no process to hit` : undefined
    },
    bit: `the process of ${component} on ${machine.name} is ${becomes}`,
    ended: `${component} on ${machine.name} runs again`,
    healthy: async () => {
      const { pid, startedAt, frozen } = await machine.call('state', { component })
      if (pid === 0 || frozen) throw new Error(`${component} on ${machine.name} does not run after healing`)
      return { pid, startedAt }
    },
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

const runsAgain = 'its supervisor runs it again, with a pid and a start time that are told'

export const killKind = faultKind({
  name: 'kill',
  group: 'process',
  describe: 'Ends a component at once (SIGKILL)',
  hits: 'component',
  evidence: { bit: 'the process with that pid and start time is gone from /proc', ended: runsAgain },
  options: z.object({
    stay: z.boolean().default(true).describe('its supervisor leaves it down until the fault is healed'),
  }),
  make: (ref, options) => kill(ref, options),
})

export const stopKind = faultKind({
  name: 'stop',
  group: 'process',
  describe: 'Asks a component to end (SIGTERM) and leaves it down until healed',
  hits: 'component',
  evidence: { bit: 'the process with that pid and start time is gone from /proc', ended: runsAgain },
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
