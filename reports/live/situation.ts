import { formatFault } from '../../harness/judge/faults/fault-windows.ts'
import { lossSentence } from '../../harness/judge/recording/loss.ts'
import type { JournalRecord, RecordOf } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'
import { Leaders } from './current-leaders.ts'
import { Nodes } from './nodes.ts'
import { LastSecond } from './last-second.ts'

/** An event for the live view. `at` is in milliseconds since the first record. */
export interface News {
  readonly at: number
  readonly text: string
}

interface Force {
  readonly description: string
  readonly since: number
}

/**
 * Current state of a run, from the records of its journal as they are written. It depends only on the records, so a finished
 * run can be shown again.
 */
export class Situation {
  readonly #faults = new Map<string, Force>()
  readonly leaders = new Leaders()
  readonly nodes = new Nodes()
  readonly probes = new LastSecond()
  #beganAt: number | undefined
  #now = 0
  #scenario: { readonly name: string; readonly since: number } | undefined
  #step = ''

  /** The newest time of a record, milliseconds on the journal's clock. */
  get now(): number {
    return this.#now
  }

  /** Since the first record, milliseconds. */
  get elapsedMs(): number {
    return this.#now - (this.#beganAt ?? this.#now)
  }

  get scenario(): { readonly name: string; readonly since: number } | undefined {
    return this.#scenario
  }

  /** The scenario's latest step. */
  get step(): string {
    return this.#step
  }

  /** Active faults, oldest first. */
  get faults(): readonly Force[] {
    return [...this.#faults.values()]
  }

  /** Processes a record and returns its news. */
  see(record: JournalRecord): News[] {
    this.#beganAt ??= record.at
    // Records may have older times than those before them; the current time never goes back.
    this.#now = Math.max(this.#now, 'endedAt' in record ? record.endedAt : record.at)
    return this.#texts(record).map((text) => ({ at: record.at - (this.#beganAt ?? 0), text }))
  }

  #texts(record: JournalRecord): string[] {
    switch (record.kind) {
      case 'run':
        return [`run ${record.run}, seed ${record.seed}`]
      case 'cluster':
        this.nodes.forget()
        return [`${record.topology} is up after ${duration(record.bootMs)}`]
      case 'scenario':
        return [this.#enter(record)]
      case 'step':
        this.#step = record.name
        return [record.name]
      case 'fault':
        return this.#fault(record)
      case 'watch':
        return record.resource === 'nodes' ? this.nodes.see(record) : this.leaders.recordLease(record)
      case 'etcd':
        return this.leaders.recordMember(record)
      case 'attempt':
        return this.probes.see(record)
      case 'loss':
        return [lossSentence(record.cause, `line ${record.line}`)]
      case 'rig':
        return [`harness error: ${record.message}`]
      default:
        return []
    }
  }

  #enter({ name, edge, at, outcome, reason }: RecordOf<'scenario'>): string {
    this.#step = ''
    this.#scenario = edge === 'start' ? { name, since: at } : undefined
    this.probes.forget()
    if (edge === 'start') return `${name} begins`
    this.#faults.clear()
    return `${name}: ${outcome ?? 'ends'}${reason ? ` (${reason})` : ''}`
  }

  #fault({ id, fault, target, edge, at }: RecordOf<'fault'>): string[] {
    const description = formatFault(fault, target)
    if (edge === 'injected') {
      this.#faults.set(id, { description, since: at })
      return [`${description}: active`]
    }
    if (edge === 'unproven') return [`${description}: effect not proven`]
    if (edge !== 'healed') return []
    const force = this.#faults.get(id)
    this.#faults.delete(id)
    return [`${description}: healed${force ? ` after ${duration(at - force.since)}` : ''}`]
  }
}
