import type { Cluster } from '../../../../harness/cluster/cluster.ts'
import type { ScenarioContext } from '../../../../harness/run/scenario.ts'

/** One way to break a cluster without a declared fault, and the finding that must name it. */
export interface Sabotage {
  /** Name of the scenario, unique per cluster. */
  readonly name: string
  /** Each of these contracts must be `fail` or `late` with its code, and pass without the sabotage. */
  readonly expected: readonly { readonly contract: string; readonly code: string | readonly string[] }[]
  /** The topology of the cluster. Default: `single`. Rows of one topology share a cluster, in the order of the table. */
  readonly topology?: string
  /** The sabotage breaks its cluster permanently: the row gets a cluster of its own. */
  readonly alone?: boolean
  /** Uses the cluster and calls `sabotage` at the moment to break it. In the control run `sabotage` does nothing. */
  use(context: ScenarioContext, sabotage: () => Promise<void>): Promise<void>
  /** Breaks the cluster. Disposing the result repairs it. */
  breaks(cluster: Cluster, namespace: string): Promise<AsyncDisposable>
}

/** What `breaks` returns where the end of the scenario repairs the cluster. */
export const nothingToRepair: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() }
