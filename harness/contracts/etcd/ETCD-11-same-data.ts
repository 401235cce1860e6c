import { defineContract } from '../../judge/contract.ts'
import { possibleFaults } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { differences } from '../../judge/history/member-data.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { counted, listed } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { noViolation, violated } from '../consistency/violations.ts'

const found = findings({
  MEMBERS_AGREE: ({ members, revision }: { readonly members: number; readonly revision: number }) =>
    `${counted(members, 'member')} have the same hash and the same values at revision ${revision}.`,
})

export const sameData = defineContract<RecordOf<'content'>>({
  id: 'ETCD-11',
  area: 'etcd',
  promise: 'All etcd members hold the same data at the same revision.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/data_corruption/',
  stimulus: { needs: 'the data of an etcd member', find: (recording) => recording.of('content') },
  judge(recording, contents) {
    const broken = violated(differences(contents), { evidence: contents })
    if (broken) return broken
    const missing = reachable(recording).filter((name) => !contents.some(({ member }) => member === name))
    if (missing.length > 0)
      throw new InconclusiveError(`The data of ${listed(missing)} was not recorded.`, 'NOT_READ_BACK')
    const [first] = contents
    if (contents.some(({ compacted }) => compacted !== first.compacted))
      throw new InconclusiveError(
        'The members are compacted to different revisions, so their hashes can’t be compared.',
        'NOT_COMPARABLE',
      )
    return found.pass(
      'MEMBERS_AGREE',
      { members: contents.length, revision: first.revision },
      { observed: `${counted(contents.length, 'member')}, one hash`, evidence: contents, ...noViolation },
    )
  },
})

/** Members that no fault can have stopped until the end. */
function reachable(recording: Recording): string[] {
  const end = span(recording).until
  const held = new Set(possibleFaults(recording).flatMap(({ until, target }) => (until >= end ? target.machines : [])))
  return named(recording, 'etcd').filter((name) => !held.has(name))
}
