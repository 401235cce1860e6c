import type { Cluster } from '../../../harness/cluster/cluster.ts'
import type { ScenarioContext } from '../../../harness/run/scenario.ts'

/** One way to break a cluster that no scenario declares, and the finding that has to name it. */
export interface Sabotage {
  /** A name for the scenario; rows of one cluster differ in it. */
  readonly name: string
  /** Each of these contracts has to be `fail` or `late` with its code, and to pass without the sabotage. */
  readonly expected: readonly { readonly contract: string; readonly code: string | readonly string[] }[]
  /** The topology of the cluster. Default: `single`. Rows of one topology share a cluster, in the order of the table. */
  readonly topology?: string
  /** The sabotage breaks its cluster for good: the row gets a cluster of its own. */
  readonly alone?: boolean
  /** Uses the cluster, and calls `sabotage` at the moment at which it is broken: it does nothing in the sound run. */
  use(context: ScenarioContext, sabotage: () => Promise<void>): Promise<void>
  /** Breaks the cluster. Disposing the result repairs it. */
  breaks(cluster: Cluster, namespace: string): Promise<AsyncDisposable>
}

/** What `breaks` returns where the end of the scenario repairs the cluster. */
export const nothingToRepair: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() }
