import type { Node, Pod } from '../../../judge/recording/kubernetes-objects.ts'
import { quantity } from '../../../judge/statistics/quantity.ts'

/** Requested shares of a Node's allocatable resources, as the scheduler's scores count them. */
export interface RequestedShares {
  readonly cpu: number
  readonly memory: number
}

/** A container without a request counts with these amounts (constants of kube-scheduler). */
const defaults = { cpu: 0.1, memory: 200 * 2 ** 20 } as const

export function requestedShares(pods: readonly Pod[], { status }: Node): RequestedShares {
  const shareOf = (resource: keyof RequestedShares): number => {
    const requested = pods.flatMap(({ spec }) =>
      spec.containers.map(({ resources }) => {
        const amount = resources.requests[resource]
        return amount === undefined ? defaults[resource] : quantity(amount)
      }),
    )
    return requested.reduce((sum, one) => sum + one, 0) / quantity(status.allocatable[resource] ?? '0')
  }
  return { cpu: shareOf('cpu'), memory: shareOf('memory') }
}

/** By how much less of its processors a Node must have requested, so that no rounding decides. */
const margin = 0.1

/** Whether a Node scores higher by requests than another one: fewer are requested, and the two resources no less evenly. */
export function isEmptier(one: RequestedShares, other: RequestedShares): boolean {
  const unevenness = ({ cpu, memory }: RequestedShares): number => Math.abs(cpu - memory)
  return one.cpu <= other.cpu - margin && one.memory <= other.memory && unevenness(one) <= unevenness(other)
}
