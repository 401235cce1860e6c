import { type Finding, defineContract } from '../../judge/contract.ts'
import { expiredEarly, type Expired } from '../../judge/history/expiry.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { consistentRead } from '../bounds.ts'
import { type EndedStream, watchesBeforeCompaction } from '../consistency/compactions.ts'
import { violated } from '../consistency/violations.ts'
import { expiredOf } from '../consistency/expired-requests.ts'

interface Relisted {
  readonly expired: number
  readonly longestMs: number
}

const found = findings({
  EXPIRY_NOT_REPORTED: ({ via, since }: { readonly via: string; readonly since: number }) =>
    `${via} received a request for changes after revision ${since}, which is compacted; it sent neither 410 nor a change.`,
  RELISTED: ({ expired, longestMs }: Relisted) =>
    `A new list succeeded within ${duration(longestMs)} after each of ${counted(expired, '410 response')}.`,
  RELIST_LATE: ({ longestMs }: Relisted) => `A new list succeeded only ${duration(longestMs)} after a 410 response.`,
})

export const expiredVersions = defineContract<EndedStream | Expired>({
  id: 'API-05',
  area: 'kube-apiserver',
  promise:
    'An API server answers a request with 410 if its resource version is too old, and only then; a new list then succeeds.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses',
  stimulus: {
    needs: 'a request to an API server for a resource version that is compacted, or its answer 410',
    find: (recording) => [...watchesBeforeCompaction(recording, 'apiserver'), ...expiredOf(recording)],
  },
  judge(recording) {
    return silentlyShort(recording) ?? relisted(recording)
  },
})

function silentlyShort(recording: Recording): Finding | undefined {
  const watches = watchesBeforeCompaction(recording, 'apiserver')
  // A server that still has all changes since the cluster began reports them: API-04 judges whether they are
  // complete.
  const reported = new Set(
    recording.of('notification').flatMap((one) => (one.event === 'bookmark' ? [] : [one.stream])),
  )
  const silent = watches.find(({ id, end }) => end === 'closed' && !reported.has(id))
  if (silent) {
    return found.fail(
      'EXPIRY_NOT_REPORTED',
      { via: silent.via, since: silent.since },
      { observed: 'no 410', evidence: [silent] },
    )
  }
  const cut = watches.find(({ end }) => end === 'broken')
  requireEvidence(
    !cut,
    `The answer of ${cut?.via} to a request for a compacted revision was cut off: ${cut?.reason ?? ''}.`,
    'ANSWER_BROKE_OFF',
  )
  return undefined
}

function relisted(recording: Recording): Finding {
  const expired = requireNonEmpty(
    expiredOf(recording),
    'No API server had expired a requested revision.',
    'NOT_EXPIRED',
  )
  const early = violated(expiredEarly(expired))
  if (early) return early
  const recoveries = expired.map(({ at, client }) => {
    const list = recording.of('listing').find((one) => one.client === client && one.at >= at && one.outcome === 'ok')
    return requireEvidence(list, `${client} did not list again after a 410.`, 'NOT_LISTED').endedAt - at
  })
  const longestMs = Math.max(...recoveries)
  return found.timed(
    { pass: 'RELISTED', late: 'RELIST_LATE' },
    { expired: expired.length, longestMs },
    longestMs,
    consistentRead(recording),
    { observed: `${counted(expired.length, 'answer')} of 410, each due` },
  )
}
