import type { Violation } from './history.ts'

/** An address of an owner, from one time (or revision) until another; Infinity where it was never released. */
export interface Claim {
  readonly address: string
  readonly owner: string
  readonly from: number
  readonly until: number
}

/** No two owners have an address at the same time. */
export function sharedAddresses(claims: readonly Claim[]): Violation[] {
  const violations: Violation[] = []
  for (const [address, own] of Map.groupBy(claims, (claim) => claim.address)) {
    let holder: Claim | undefined
    for (const claim of own.toSorted((a, b) => a.from - b.from)) {
      if (holder && holder.owner !== claim.owner && claim.from < holder.until) {
        violations.push({
          rule: 'one owner at a time',
          description: `${claim.owner} got ${address} while ${holder.owner} had it`,
          operations: [],
        })
      }
      if (!holder || claim.until > holder.until) holder = claim
    }
  }
  return violations
}
