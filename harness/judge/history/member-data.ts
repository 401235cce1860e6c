import type { Violation } from './history.ts'

/** The data of one etcd member at a revision. Hashes are comparable only between members with the same compaction. */
export interface MemberData {
  readonly member: string
  readonly revision: number
  readonly compacted: number
  readonly hash: number
  readonly values: Readonly<Record<string, string>>
}

/** All members hold the same data at the same revision. */
export function differences(members: readonly MemberData[]): Violation[] {
  const [first, ...others] = members
  if (!first) return []
  return others.flatMap((other) => {
    if (other.revision !== first.revision)
      return [broken(first, other, `answered for ${other.revision}, not ${first.revision}`)]
    const keys = new Set([...Object.keys(first.values), ...Object.keys(other.values)])
    const key = [...keys].find((one) => first.values[one] !== other.values[one])
    if (key !== undefined) {
      return [
        broken(first, other, `${key} is ${other.values[key] ?? 'absent'} instead of ${first.values[key] ?? 'absent'}`),
      ]
    }
    const differ = other.compacted === first.compacted && other.hash !== first.hash
    return differ ? [broken(first, other, `the hash of all data is ${other.hash} instead of ${first.hash}`)] : []
  })
}

function broken(first: MemberData, other: MemberData, description: string): Violation {
  return {
    rule: 'all members hold the same',
    description: `On ${other.member}, unlike on ${first.member}, ${description}`,
    operations: [],
  }
}
