import type { Action } from '../cluster/agent/protocol.ts'
import type { ComponentRef } from '../cluster/cluster.ts'
import type { Fault } from './fault.ts'

/** Ends the process at once (SIGKILL). With `stay` its supervisor does not bring it back until the fault is healed. */
export function kill(ref: ComponentRef, options: { readonly stay?: boolean } = {}): Fault {
  const { stay = true } = options
  return processFault(
    'kill',
    ref,
    { do: 'signal', component: ref.component, signal: 'SIGKILL', stay },
    start(ref),
    'gone',
  )
}

/** Asks the process to end (SIGTERM) and leaves it down until healed. */
export function stop(ref: ComponentRef): Fault {
  return processFault(
    'stop',
    ref,
    { do: 'signal', component: ref.component, signal: 'SIGTERM', stay: true },
    start(ref),
    'gone',
  )
}

/** Freezes the process (SIGSTOP): its connections stay open and nobody answers on them. */
export function pause(ref: ComponentRef): Fault {
  const { component } = ref
  return processFault('pause', ref, { do: 'pause', component }, { do: 'resume', component }, 'frozen')
}

function start({ component }: ComponentRef): Action {
  return { do: 'start', component }
}

function processFault(
  name: string,
  { machine, component }: ComponentRef,
  action: Action,
  undo: Action,
  becomes: string,
): Fault {
  return {
    name,
    target: { machines: [machine.name], component },
    available: async () => {
      const { pid } = await machine.call('state', { component })
      return pid === 0 ? `${component} on ${machine.name} has no process to hit` : undefined
    },
    inject: async ({ id, ttlMs }) => {
      const facts = await machine.call('take', { lease: id, ttlMs, action, undo })
      return [{ proves: `the process of ${component} on ${machine.name} is ${becomes}`, facts }]
    },
    heal: async ({ id }) => {
      const facts = await machine.call('release', { lease: id })
      const { pid, startedAt, frozen } = await machine.call('state', { component })
      if (pid === 0 || frozen) throw new Error(`${component} on ${machine.name} does not run after healing`)
      return [{ proves: `${component} on ${machine.name} runs again`, facts: { ...facts, pid, startedAt } }]
    },
  }
}
