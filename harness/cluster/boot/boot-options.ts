import type { Event } from '../../agent/rpc/protocol.ts'
import type { ClusterOptions, Distribution } from '../distribution/distribution.ts'
import type { Machine } from '../machine/machine.ts'
import type { Topology } from '../topology.ts'

export interface BootOptions extends ClusterOptions {
  /** Part of every Docker object's name, and the value of its label. */
  readonly run: string
  /** The run's own folder. */
  readonly folder: string
  readonly topology: Topology
  readonly distribution: Distribution
  readonly signal: AbortSignal
  /** Time limit for each fact. Default: two minutes. */
  readonly withinMs?: number
  readonly onEvent: (event: Event) => void
  /** Called as the boot goes on: what was reached, and milliseconds since it began. */
  readonly progress: (what: string, ms: number) => void
  /** Called with the machines when the boot fails, before anything is removed. */
  readonly onFailure: (machines: readonly Machine[]) => Promise<void>
}
