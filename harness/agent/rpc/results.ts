import type { RecordOf } from '../../record/records.ts'

/* The results of the requests to an agent. */

/** Figures behind a fact, in the form of a fault's evidence. */
export type Facts = Record<string, string | number | boolean | null>

/** The result of reverting a fault that an earlier agent left. */
export interface Recovered {
  readonly id: string
  /** The evidence of its end; missing when it could not be reverted yet. */
  readonly facts?: Facts
  readonly error?: string
}

/** Lines by kind, such as `route` or `nft table`: what a fault could leave behind. */
export type Residue = Readonly<Record<string, readonly string[]>>

export interface ComponentState {
  /** 0 when no process runs. */
  readonly pid: number
  /** The process's start, in clock ticks since boot: with the pid it identifies one process. */
  readonly startedAt: string
  /** How long the process has run; 0 when none does. */
  readonly ageMs: number
  /** What the supervisor maintains: up, down, or up once. */
  readonly wanted: 'up' | 'down' | 'once'
  readonly frozen: boolean
}

export interface CommandResult {
  readonly at: number
  readonly endedAt: number
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export type Container = RecordOf<'containers'>['containers'][number]

export interface EtcdWatchEnd {
  /** The revision of the last recorded event; `since` if there was none. */
  readonly last: number
  /** `closed` on request, or because the last key has changed. */
  readonly end: 'closed' | 'broken' | 'expired'
  readonly compacted?: number
  readonly reason: string
}
