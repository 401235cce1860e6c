import type { Action, Facts } from '../cluster/agent/protocol.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'
import type { Evidence, FaultTarget } from '../record/records.ts'
import type { Fault } from './fault.ts'

/** What one of several machines does for a fault. */
export interface Share {
  readonly machine: Machine
  /** The lease's id makes names that nobody else uses. */
  readonly action: (lease: string) => Action | Promise<Action>
}

export interface AgentsFault {
  readonly name: string
  readonly target: FaultTarget
  readonly claims?: readonly string[]
  readonly shares: readonly Share[]
  /** Machines that have to run, beside those with a share: those whose packets are to be met. */
  readonly needed?: readonly Machine[]
  /** Why it can't be done here, or undefined. Asked only while all machines run. */
  readonly available?: () => Promise<string | undefined>
  /** Makes something happen that the fault has to hit; asked again until it is proven. */
  readonly provoke?: () => Promise<unknown>
  /** Whether a machine's proof shows that its share has bitten; each one's has to. */
  readonly by: (facts: Facts) => boolean
  readonly bit: (machine: Machine) => string
  readonly ended: (machine: Machine) => string
  /** Whether what a machine tells of the end shows that the fault held until then; otherwise it ended early and says so. */
  readonly held?: (facts: Facts) => boolean
}

const proofPatienceMs = 5_000

/** A fault that several machines' agents share: begun in all of them, proven in each, undone in each. */
export function agentsFault(spec: AgentsFault): Fault {
  const { name, target, shares } = spec
  const machines = [...new Set([...shares.map(({ machine }) => machine), ...(spec.needed ?? [])])]
  return {
    name,
    target,
    ...(spec.claims ? { claims: spec.claims } : {}),
    available: async () => {
      if (shares.length === 0) return 'these targets leave no pair of machines to hit'
      const running = await Promise.all(machines.map((machine) => machine.running()))
      const down = machines.filter((_, at) => !running[at]).map((machine) => machine.name)
      return down.length > 0 ? `${down.join(', ')} does not run` : spec.available?.()
    },
    inject: async ({ id, ttlMs, signal }) => {
      const taken = await Promise.allSettled(
        shares.map(async ({ machine, action }) => machine.call('take', { lease: id, ttlMs, action: await action(id) })),
      )
      const failed = taken.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
      const proofs = await eventually(
        `proof that ${shares.map(({ machine }) => spec.bit(machine)).join(' and ')}`,
        () => proven(spec, id),
        { withinMs: proofPatienceMs, everyMs: 2, signal },
      )
      return shares.map(({ machine }, at): Evidence => ({
        proves: spec.bit(machine),
        facts: { machine: machine.name, ...proofs[at] },
      }))
    },
    heal: async ({ id }) => {
      const released = await Promise.allSettled(shares.map(({ machine }) => release(machine, id, spec)))
      const failed = released.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
      return released.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    },
    undo: () => shares.map(({ machine }) => ({ do: 'agent', machine: machine.name })),
  }
}

async function proven({ shares, provoke, by, bit }: AgentsFault, lease: string): Promise<Facts[]> {
  await provoke?.()
  const proofs = await Promise.all(shares.map(({ machine }) => machine.call('proof', { lease })))
  const unproven = shares.filter((_, at) => !by(proofs[at] ?? {}))
  // What was last seen is told if time runs out.
  if (unproven.length > 0) {
    throw new Error(`not yet: ${unproven.map(({ machine }) => bit(machine)).join(', ')}; ${JSON.stringify(proofs)}`)
  }
  return proofs
}

async function release(machine: Machine, lease: string, { ended, held }: AgentsFault): Promise<Evidence> {
  // Rules, qdiscs and programs are in the machine's own kernel namespaces, which end with it.
  if (await machine.off()) {
    return { proves: `${machine.name} does not run any more`, facts: { machine: machine.name, running: false } }
  }
  // In a frozen one they are still there, and nothing in it can take them away.
  if (await machine.frozen()) throw new Error(`${machine.name} is frozen: what it holds comes back with it`)
  const facts = await machine.call('release', { lease })
  const early = facts['already'] !== true && held?.(facts) === false
  return { proves: ended(machine), facts: { machine: machine.name, ...facts, ...(early ? { already: true } : {}) } }
}
