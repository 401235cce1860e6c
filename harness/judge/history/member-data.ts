import type { Violation } from './history.ts'

/** What one etcd member holds at a revision. Hashes compare only between members compacted alike. */
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
        broken(first, other, `${key} is ${other.values[key] ?? 'absent'} and not ${first.values[key] ?? 'absent'}`),
      ]
    }
    const differ = other.compacted === first.compacted && other.hash !== first.hash
    return differ ? [broken(first, other, `the hash of all data is ${other.hash} and not ${first.hash}`)] : []
  })
}

function broken(first: MemberData, other: MemberData, words: string): Violation {
  return {
    rule: 'all members hold the same',
    words: `On ${other.member}, unlike on ${first.member}, ${words}`,
    operations: [],
  }
}
