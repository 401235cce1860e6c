import type { Kubernetes } from '../api/kubernetes.ts'
import type { Machine } from '../machine/machine.ts'

/** What the steps of a boot share. */
export interface BootContext {
  readonly kubernetes: Kubernetes
  /** The machines that are started; in the order of the topology once all are. */
  readonly machines: Machine[]
  /** Time limit for each fact. */
  readonly withinMs: number
  readonly signal: AbortSignal
  /** Called when each fact is observed. */
  readonly seen: (what: string) => void
}
