import { setTimeout as delay } from 'node:timers/promises'
import type { Action, Facts } from '../cluster/agent/protocol.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'
import type { FaultTarget } from '../record/records.ts'
import type { Fault } from './fault.ts'

/** A machine that runs answers in a millisecond; one that is frozen never. */
const patienceMs = 2_000

export interface AgentFault {
  readonly name: string
  readonly target: FaultTarget
  readonly claims?: readonly string[]
  readonly first?: boolean
  /** The machine whose agent does it. */
  readonly machine: Machine
  /** What the agent is to do; the lease's id makes names that nobody else uses, its time ends what the agent may not outlive. */
  readonly action: (lease: string, ttlMs: number) => Action
  /** Why it can't be done here, or undefined. Asked only while the machine runs. */
  readonly available: () => Promise<string | undefined>
  /** What is shown once it has bitten, as a sentence. */
  readonly bit: string
  /**
   * Where doing it proves nothing yet: whether the action's own `proof` shows that it bit. It is asked until it does, or until
   * `withinMs` is over and the fault is unproven.
   */
  readonly proven?: { readonly by: (facts: Facts) => boolean; readonly withinMs: number }
  /** What is shown once it has ended, as a sentence. */
  readonly ended: string
  /** Looks again after the agent has undone it. @throws when it has not ended in truth */
  readonly healthy?: () => Promise<Facts>
}

/** A fault that one machine's agent does and undoes, under a lease that the machine keeps by itself. */
export function agentFault(spec: AgentFault): Fault {
  const { name, target, machine, proven } = spec
  return {
    name,
    target,
    ...(spec.claims ? { claims: spec.claims } : {}),
    ...(spec.first ? { first: true } : {}),
    available: () => unlessDown(machine, spec.available),
    inject: async ({ id, ttlMs, signal }) => {
      const facts = await machine.call('take', { lease: id, ttlMs, action: spec.action(id, ttlMs) })
      const proof = proven
        ? await eventually(
            `proof that ${spec.bit}`,
            async () => {
              const seen = await machine.call('proof', { lease: id }, { signal })
              if (!proven.by(seen)) throw new Error(JSON.stringify(seen))
              return seen
            },
            { withinMs: proven.withinMs, everyMs: 2, signal },
          )
        : {}
      return [{ proves: spec.bit, facts: { ...facts, ...proof } }]
    },
    heal: async ({ id }) => {
      const facts = await machine.call('release', { lease: id })
      return [{ proves: spec.ended, facts: { ...facts, ...(await spec.healthy?.()) } }]
    },
    undo: () => [{ do: 'agent', machine: machine.name }],
  }
}

/** The agent's own answer says that the machine runs; the engine, which takes longer, is asked only where there is none. */
async function unlessDown(machine: Machine, available: () => Promise<string | undefined>): Promise<string | undefined> {
  const asked = available()
  const answered = asked.then(
    () => true,
    () => false,
  )
  const waited = delay(patienceMs, false, { ref: false })
  if (!(await Promise.race([answered, waited])) && !(await machine.running())) return `${machine.name} does not run`
  return asked
}

/** The name of what a lease puts into a kernel: ours by its beginning, this lease's by the rest. */
export function kernelName(lease: string): string {
  return `holdfast_${lease.replaceAll('-', '_')}`
}
