import type { Action } from '../../agent/actions/known-action.ts'
import type { Facts } from '../../agent/rpc/results.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { Evidence, FaultTarget } from '../../record/records.ts'
import type { FaultBody } from './fault.ts'

/** One machine's part of a fault. */
export interface Share {
  readonly machine: Machine
  /** `id` makes the action's names unique. */
  readonly action: (id: string) => Action | Promise<Action>
}

export interface MultiAgentFault {
  readonly target: FaultTarget
  readonly claims?: readonly string[]
  readonly shares: readonly Share[]
  /** Further machines that must run: the senders of test packets. */
  readonly needed?: readonly Machine[]
  /** Why the fault can't be injected here, or undefined. Called only while all machines run. */
  readonly available?: () => Promise<string | undefined>
  /** Generates traffic that the fault must affect; repeated until the effect is confirmed. */
  readonly provoke?: () => Promise<unknown>
  /** Whether a machine's evidence confirms the effect of its share; every machine's must. */
  readonly by: (facts: Facts) => boolean
  readonly confirmed: (machine: Machine) => string
  readonly cleared: (machine: Machine) => string
  /** Whether the facts at the end show that the fault lasted until then; otherwise it is recorded as ended early. */
  readonly held?: (facts: Facts) => boolean
}

const evidenceTimeoutMs = 5_000

/** Creates a fault that several machines' agents apply, confirm and revert. */
export function multiAgentFault(spec: MultiAgentFault): FaultBody {
  const { target, shares } = spec
  const machines = [...new Set([...shares.map(({ machine }) => machine), ...(spec.needed ?? [])])]
  return {
    target,
    ...(spec.claims ? { claims: spec.claims } : {}),
    available: async () => {
      if (shares.length === 0) return 'these targets contain no pair of machines'
      const running = await Promise.all(machines.map((machine) => machine.running()))
      const down = machines.filter((_, at) => !running[at]).map((machine) => machine.name)
      return down.length > 0 ? `not running: ${down.join(', ')}` : spec.available?.()
    },
    inject: async ({ id, ttlMs, signal }) => {
      const taken = await Promise.allSettled(
        shares.map(async ({ machine, action }) => machine.call('apply', { id, ttlMs, action: await action(id) })),
      )
      const failed = taken.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
      const proofs = await eventually(
        `proof that ${shares.map(({ machine }) => spec.confirmed(machine)).join(' and ')}`,
        () => proven(spec, id),
        { timeoutMs: evidenceTimeoutMs, intervalMs: 2, signal },
      )
      return shares.map(({ machine }, at): Evidence => ({
        proves: spec.confirmed(machine),
        facts: { machine: machine.name, ...proofs[at] },
      }))
    },
    heal: async ({ id }) => {
      const released = await Promise.allSettled(shares.map(({ machine }) => revert(machine, id, spec)))
      const failed = released.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
      return released.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    },
    undo: () => shares.map(({ machine }) => ({ do: 'agent', machine: machine.name })),
  }
}

async function proven({ shares, provoke, by, confirmed }: MultiAgentFault, id: string): Promise<Facts[]> {
  await provoke?.()
  const proofs = await Promise.all(shares.map(({ machine }) => machine.call('evidence', { id })))
  const unproven = shares.filter((_, at) => !by(proofs[at] ?? {}))
  // The error carries the last facts to the time-out.
  if (unproven.length > 0) {
    throw new Error(
      `not yet: ${unproven.map(({ machine }) => confirmed(machine)).join(', ')}; ${JSON.stringify(proofs)}`,
    )
  }
  return proofs
}

async function revert(machine: Machine, id: string, { cleared, held }: MultiAgentFault): Promise<Evidence> {
  // Rules, qdiscs and programs end with the machine's kernel namespaces.
  if (await machine.off()) {
    return { proves: `${machine.name} is off`, facts: { machine: machine.name, running: false } }
  }
  // A frozen machine keeps them, and its agent can't remove them.
  if (await machine.frozen()) throw new Error(`${machine.name} is frozen: its agent can't revert the fault`)
  const facts = await machine.call('revert', { id })
  const early = facts['already'] !== true && held?.(facts) === false
  return { proves: cleared(machine), facts: { machine: machine.name, ...facts, ...(early ? { already: true } : {}) } }
}
