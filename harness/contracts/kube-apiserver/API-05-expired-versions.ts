import { type Finding, type Contract, defineContract } from '../../judge/contract.ts'
import { faultWindows, hitsComponent } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { expiredEarly, type Expired } from '../../judge/history/expiry.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/words.ts'
import type { RecordOf } from '../../record/records.ts'
import { consistentRead } from '../bounds.ts'
import { noViolation, violated } from '../consistency/violations.ts'

type EndedStream = RecordOf<'stream'>

interface Relisted {
  readonly expired: number
  readonly longestMs: number
}

const found = findings({
  EXPIRY_NOT_REPORTED: ({ via, since }: { readonly via: string; readonly since: number }) =>
    `${via} received a request for changes after revision ${since}, which is compacted; it reported neither 410 nor a change.`,
  RELISTED: ({ expired, longestMs }: Relisted) =>
    `After each of ${counted(expired, 'answer')} of 410 a new list was answered within ${duration(longestMs)}.`,
  RELIST_LATE: ({ longestMs }: Relisted) => `A new list was answered ${duration(longestMs)} after a 410.`,
  COMPACTION_REPORTED: ({ watches, revision }: { readonly watches: number; readonly revision: number }) =>
    `${counted(watches, 'watch', 'watches')} from before revision ${revision} were cancelled without an event.`,
})

/** API-05. */
const goneIsSaid = defineContract<EndedStream | Expired>({
  id: 'API-05',
  area: 'kube-apiserver',
  promise:
    'An API server answers 410 to a request for a resource version that is too old, and only to such a request; after a new list the client can continue.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses',
  stimulus: {
    needs: 'a request to an API server for a resource version that is compacted, or its answer 410',
    find: (recording) => [...askedTooLate(recording, 'apiserver'), ...expiredOf(recording)],
  },
  judge(recording) {
    return silentlyShort(recording) ?? relisted(recording)
  },
})

function silentlyShort(recording: Recording): Finding | undefined {
  const asked = askedTooLate(recording, 'apiserver')
  // A server may still remember all changes since its cluster began, and then reports them: API-04 judges whether they
  // are complete.
  const reported = new Set(
    recording.of('notification').flatMap((one) => (one.event === 'bookmark' ? [] : [one.stream])),
  )
  const silent = asked.find(({ id, end }) => end === 'closed' && !reported.has(id))
  if (silent) {
    return found.fail(
      'EXPIRY_NOT_REPORTED',
      { via: silent.via, since: silent.since },
      { observed: 'no 410', evidence: [silent] },
    )
  }
  const cut = asked.find(({ end }) => end === 'broken')
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
    'Every API server still remembered all requested revisions.',
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

/** ETCD-07. */
const compactionIsSaid = defineContract<EndedStream>({
  id: 'ETCD-07',
  area: 'etcd',
  promise:
    'etcd cancels a watch from before a compaction and reports the compacted revision; the watch never leaves changes out.',
  reference: 'https://etcd.io/docs/v3.7/learning/api/',
  stimulus: {
    needs: 'a watch of etcd from before a compaction',
    find: (recording) => askedTooLate(recording, 'etcd'),
  },
  judge(recording, asked) {
    const reported = new Set(recording.of('notification').map(({ stream }) => stream))
    const wrong = asked.filter((one) => {
      return one.end !== 'expired' || one.compacted !== compactedBy(recording, one.at) || reported.has(one.id)
    })
    const violations = wrong.map((one) => ({
      rule: 'compaction is said',
      words: `${one.via} received a request for changes after revision ${one.since} and did not report that etcd is compacted to ${compactedBy(recording, one.at)} (it reported ${one.compacted ?? 'nothing'})`,
      operations: [],
    }))
    const watches = asked.length
    return (
      violated(violations, { evidence: wrong }) ??
      found.pass(
        'COMPACTION_REPORTED',
        { watches, revision: compactedBy(recording, asked[0].at) },
        { observed: `${counted(watches, 'watch', 'watches')} cancelled`, evidence: asked, ...noViolation },
      )
    )
  },
})

/** The revision to which etcd was compacted by then; 0 for none. */
function compactedBy(recording: Recording, time: number): number {
  return recording.of('compaction').findLast(({ at }) => at <= time)?.revision ?? 0
}

/** The ends of watches that were opened for changes from before a compaction. */
function askedTooLate(recording: Recording, store: 'etcd' | 'apiserver'): EndedStream[] {
  const own = recording.of('stream').filter((one) => one.store === store)
  const late = new Set(
    own.flatMap(({ id, edge, at, since }) => (edge === 'opened' && since < compactedBy(recording, at) ? [id] : [])),
  )
  return own.filter(({ id, edge }) => edge === 'ended' && late.has(id))
}

/** Every revision that an API server reported as gone, with the facts known at that time. */
function expiredOf(recording: Recording): Expired[] {
  const watches = recording
    .of('stream')
    .filter((one) => one.store === 'apiserver' && one.end === 'expired')
    .map(({ at, via, client, since }) => ({ at, via, client, revision: since }))
  const lists = recording
    .of('listing')
    .filter(({ store, outcome, asked }) => store === 'apiserver' && outcome === 'expired' && asked !== undefined)
    .map(({ endedAt, via, client, asked = 0 }) => ({ at: endedAt, via, client, revision: asked }))
  return [...watches, ...lists].map((one) => ({
    ...one,
    compacted: compactedBy(recording, one.at),
    startedAt: startOf(recording, one),
    changes: changesUntil(recording, one),
  }))
}

/** A change that is reported this much later than it happened counts as one that a server had to remember. */
const toldLateMs = 1_000

/** How many changes followed a revision by the time of the request, counted from the watches. */
function changesUntil(
  recording: Recording,
  { at, revision }: { readonly at: number; readonly revision: number },
): number {
  const streams = new Set(recording.of('stream').flatMap((one) => (one.store === 'apiserver' ? [one.id] : [])))
  const reported = recording
    .of('notification')
    .filter((one) => one.event !== 'bookmark' && streams.has(one.stream) && one.at <= at + toldLateMs)
  return new Set(reported.filter((one) => one.revision > revision).map((one) => one.revision)).size
}

/**
 * The newest revision by the time when a restarted API server first reported a change to a watch again; 0 without a
 * restart. The server's memory begins with a list of its own that it takes some time after it confirms writes again.
 * Until then watches wait.
 */
function startOf(recording: Recording, { via, at }: { readonly via: string; readonly at: number }): number {
  const restart = faultWindows(recording).findLast(
    ({ fault, target, from }) =>
      from <= at &&
      fault !== 'pause' &&
      hitsComponent(target, 'kube-apiserver') &&
      target.machines.some((machine) => via.includes(machine)),
  )
  if (!restart) return 0
  const since = new Set(
    recording
      .of('stream')
      .flatMap((one) => (one.via === via && one.edge === 'opened' && one.at >= restart.until ? [one.id] : [])),
  )
  const first = recording.of('notification').find(({ stream }) => since.has(stream))?.at ?? at
  const by = Math.min(first, at) + toldLateMs
  return Math.max(
    0,
    ...recording
      .of('etcd')
      .filter((one) => one.at <= by)
      .map(({ revision = 0 }) => revision),
  )
}

export const gone: readonly Contract[] = [goneIsSaid]
export const compactions: readonly Contract[] = [compactionIsSaid]
