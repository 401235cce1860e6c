import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { faultWindows, hitsComponent } from '../../judge/fault-windows.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { expiredEarly, type Expired } from '../../judge/history/expiry.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted, duration } from '../../judge/words.ts'
import { consistentRead } from '../bounds.ts'
import { exact } from './exact.ts'

/** API-05. */
const goneIsSaid: Contract = {
  id: 'API-05',
  area: 'kube-apiserver',
  promise:
    'Who asks for a resource version that is too old is told so (410), only then, and a new list is enough to go on.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses',
  scenarios: ['consistency'],
  judge(recording) {
    const late = recording.of('stream').filter((one) => one.store === 'apiserver' && one.client.startsWith('too-late'))
    const asked = requireNonEmpty(
      late.filter(({ edge }) => edge === 'ended'),
      'Nobody asked an API server for what is gone.',
    )
    const cut = asked.find(({ end }) => end === 'broken')
    requireEvidence(!cut, `${cut?.via} was asked for what is gone and its answer broke off: ${cut?.reason ?? ''}.`)
    // A server may still remember all there was since its cluster began, and then tells it: API-04 asks whether that is all.
    const told = new Set(recording.of('notification').flatMap((one) => (one.event === 'bookmark' ? [] : [one.stream])))
    const silent = asked.find(({ id, end }) => end !== 'expired' && !told.has(id))
    if (silent) {
      return failed(`${silent.via} did not say that revision ${silent.since} is gone: ${silent.reason ?? ''}.`, {
        observed: 'no 410',
      })
    }
    const expired = requireNonEmpty(expiredOf(recording), 'Every API server still remembers all that was asked for.')
    const early = expiredEarly(expired)
    if (early.length > 0) return exact(early, '', '')
    const recoveries = expired.map(({ at, client }) => {
      const list = recording.of('listing').find((one) => one.client === client && one.at >= at && one.outcome === 'ok')
      return (
        requireEvidence(list, `${client} did not list again after it was told that something is gone.`).endedAt - at
      )
    })
    const longest = Math.max(...recoveries)
    return timed(longest, consistentRead(recording), {
      observed: `${counted(expired.length, 'answer')} of 410, each due`,
      pass: `After each of ${counted(expired.length, 'answer')} of 410 a list was enough, within ${duration(longest)}.`,
      late: `After a 410 it took ${duration(longest)} to list again.`,
    })
  },
}

/** ETCD-07. */
const compactionIsSaid: Contract = {
  id: 'ETCD-07',
  area: 'etcd',
  promise:
    'A watch from before a compaction is cancelled with the revision that was compacted to, never silently short.',
  reference: 'https://etcd.io/docs/v3.7/learning/api/',
  scenarios: ['consistency'],
  judge(recording) {
    const [compaction] = requireNonEmpty(recording.of('compaction'), 'etcd was not compacted.')
    const asked = requireNonEmpty(
      recording
        .of('stream')
        .filter((one) => one.store === 'etcd' && one.edge === 'ended' && one.at >= compaction.at)
        .filter(({ since }) => since < compaction.revision),
      'Nobody asked etcd for what was compacted.',
    )
    const told = new Set(recording.of('notification').map(({ stream }) => stream))
    const violations = asked
      .filter(({ id, end, compacted }) => end !== 'expired' || compacted !== compaction.revision || told.has(id))
      .map(({ via, since, compacted }) => ({
        rule: 'compaction is said',
        words: `${via} was asked for everything after ${since} and did not say that ${compaction.revision} is the oldest there is (it said ${compacted ?? 'nothing'})`,
        operations: [],
      }))
    return exact(
      violations,
      `${counted(asked.length, 'watch', 'watches')} from before revision ${compaction.revision} were cancelled, and told nothing.`,
      `${counted(asked.length, 'watch', 'watches')} cancelled`,
    )
  },
}

/** Everything that an API server said was gone, with what was known then. */
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
    compacted: recording.of('compaction').findLast(({ at }) => at <= one.at)?.revision ?? 0,
    startedAt: startOf(recording, one),
    changes: changesUntil(recording, one),
  }))
}

/** A change that is told so much later than it happened counts as one that a server had to remember. */
const toldLateMs = 1_000

/** How many changes there had been since a revision when it was asked for, as far as watches told. */
function changesUntil(
  recording: Recording,
  { at, revision }: { readonly at: number; readonly revision: number },
): number {
  const streams = new Set(recording.of('stream').flatMap((one) => (one.store === 'apiserver' ? [one.id] : [])))
  const told = recording
    .of('notification')
    .filter((one) => one.event !== 'bookmark' && streams.has(one.stream) && one.at <= at + toldLateMs)
  return new Set(told.filter((one) => one.revision > revision).map((one) => one.revision)).size
}

/**
 * The newest revision by the time when an API server that was down first told a watch something again; 0 if it never was down. What it
 * remembers begins with a list that it makes of its own some time after it takes writes again, and while it has none watches wait.
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
