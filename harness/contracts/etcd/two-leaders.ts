import type { RecordOf } from '../../record/records.ts'
import type { Finding } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { listed } from '../../judge/verdict/format.ts'

const found = findings({
  TWO_LEADERS: ({ term, leaders }: { readonly term: number; readonly leaders: readonly string[] }) =>
    `In term ${term} both ${listed(leaders)} reported for over a second to be the leader.`,
})

/**
 * etcd's status reports leader and term from two places: the leader as soon as it is elected, the term only after an
 * entry of it was applied. In between, the pair proves nothing.
 */
const termSettlesMs = 1_000

/** Two members that each reported to be the leader, in the same term. Other members' reports about them may be old. */
export function twoLeaders(recording: Recording): Finding | undefined {
  const leaders = new Map<number, Claim>()
  for (const claim of settledClaims(recording)) {
    const known = leaders.get(claim.term) ?? claim
    if (known.status.member !== claim.status.member) {
      return found.fail(
        'TWO_LEADERS',
        { term: claim.term, leaders: [known.status.member, claim.status.member] },
        { observed: 'two leaders in one term', evidence: [known.status, claim.status] },
      )
    }
    leaders.set(claim.term, claim)
  }
  return undefined
}

interface Claim {
  readonly term: number
  readonly status: RecordOf<'etcd'>
}

function settledClaims(recording: Recording): Claim[] {
  const since = new Map<string, number>()
  return recording.of('etcd').flatMap((status) => {
    const { at, member, leader, term } = status
    if (leader !== member) {
      since.delete(member)
      return []
    }
    const began = since.get(member) ?? at
    since.set(member, began)
    return term !== undefined && at - began >= termSettlesMs ? [{ term, status }] : []
  })
}
