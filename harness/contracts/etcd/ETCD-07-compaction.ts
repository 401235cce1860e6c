import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { type EndedStream, watchesBeforeCompaction, compactedBy } from '../consistency/compactions.ts'
import { noViolation, violated } from '../consistency/violations.ts'

const found = findings({
  COMPACTION_REPORTED: ({ watches, revision }: { readonly watches: number; readonly revision: number }) =>
    `${counted(watches, 'watch', 'watches')} from before revision ${revision} were cancelled without an event.`,
})

export const compaction = defineContract<EndedStream>({
  id: 'ETCD-07',
  area: 'etcd',
  promise:
    'etcd cancels a watch from before a compaction and reports the compacted revision; the watch never leaves changes out.',
  reference: 'https://etcd.io/docs/v3.7/learning/api/',
  stimulus: {
    needs: 'a watch of etcd from before a compaction',
    find: (recording) => watchesBeforeCompaction(recording, 'etcd'),
  },
  judge(recording, requests) {
    const reported = new Set(recording.of('notification').map(({ stream }) => stream))
    const wrong = requests.filter((one) => {
      return one.end !== 'expired' || one.compacted !== compactedBy(recording, one.at) || reported.has(one.id)
    })
    const violations = wrong.map((one) => ({
      rule: 'compaction is said',
      description: `${one.via} received a request for changes after revision ${one.since} and did not report that etcd is compacted to ${compactedBy(recording, one.at)} (it reported ${one.compacted ?? 'nothing'})`,
      operations: [],
    }))
    const watches = requests.length
    return (
      violated(violations, { evidence: wrong }) ??
      found.pass(
        'COMPACTION_REPORTED',
        { watches, revision: compactedBy(recording, requests[0].at) },
        { observed: `${counted(watches, 'watch', 'watches')} cancelled`, evidence: requests, ...noViolation },
      )
    )
  },
})
