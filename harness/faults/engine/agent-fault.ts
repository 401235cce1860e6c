import { setTimeout as delay } from 'node:timers/promises'
import type { Action } from '../../agent/actions/known-action.ts'
import type { Facts } from '../../agent/rpc/results.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { FaultTarget } from '../../record/records.ts'
import type { FaultBody } from './fault.ts'

/** A running machine answers in a millisecond, a frozen one never. */
const graceMs = 2_000

export interface AgentFault {
  readonly target: FaultTarget
  readonly claims?: readonly string[]
  readonly first?: boolean
  /** The machine whose agent applies the fault. */
  readonly machine: Machine
  /** The agent's action; `id` makes its names unique, `ttlMs` limits how long it lasts. */
  readonly action: (id: string, ttlMs: number) => Action
  /** Why the fault can't be injected here, or undefined. Called only while the machine runs. */
  readonly available: () => Promise<string | undefined>
  /** Sentence of the evidence that the effect is confirmed. */
  readonly confirmed: string
  /**
   * For actions whose completion does not confirm the effect: polls the action's `proof` until `by` accepts it. After
   * `withinMs` the fault is unproven.
   */
  readonly proven?: { readonly by: (facts: Facts) => boolean; readonly withinMs: number }
  /** Sentence of the evidence that the effect is cleared. */
  readonly cleared: string
  /** Checks again after the agent has reverted the fault. @throws when the effect is not cleared */
  readonly healthy?: () => Promise<Facts>
}

/** Creates a fault that one machine's agent applies and reverts; the agent also enforces its TTL. */
export function agentFault(spec: AgentFault): FaultBody {
  const { target, machine, proven } = spec
  return {
    target,
    ...(spec.claims ? { claims: spec.claims } : {}),
    ...(spec.first ? { first: true } : {}),
    available: () => unlessDown(machine, spec.available),
    inject: async ({ id, ttlMs, signal }) => {
      const facts = await machine.call('apply', { id, ttlMs, action: spec.action(id, ttlMs) })
      const proof = proven
        ? await eventually(
            `proof that ${spec.confirmed}`,
            async () => {
              const seen = await machine.call('evidence', { id }, { signal })
              if (!proven.by(seen)) throw new Error(JSON.stringify(seen))
              return seen
            },
            { timeoutMs: proven.withinMs, intervalMs: 2, signal },
          )
        : {}
      return [{ proves: spec.confirmed, facts: { ...facts, ...proof } }]
    },
    heal: async ({ id }) => {
      const facts = await machine.call('revert', { id })
      return [{ proves: spec.cleared, facts: { ...facts, ...(await spec.healthy?.()) } }]
    },
    undo: () => [{ do: 'agent', machine: machine.name }],
  }
}

/** An answer of the agent shows that the machine runs; the slower engine is queried only without an answer. */
async function unlessDown(machine: Machine, available: () => Promise<string | undefined>): Promise<string | undefined> {
  const reason = available()
  const answered = reason.then(
    () => true,
    () => false,
  )
  const waited = delay(graceMs, false, { ref: false })
  if (!(await Promise.race([answered, waited])) && !(await machine.running())) return `${machine.name} does not run`
  return reason
}

/** Name of a fault's kernel objects: the prefix marks them as Holdfast's, the rest is unique to the fault. */
export function kernelName(id: string): string {
  return `holdfast_${id.replaceAll('-', '_')}`
}
