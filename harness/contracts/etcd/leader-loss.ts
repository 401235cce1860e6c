import { acknowledged } from '../../judge/acknowledged-writes.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { leaderAt, minorities } from '../../judge/etcd-members.ts'
import { faultWindows } from '../../judge/fault-windows.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { election } from '../bounds.ts'

/** ETCD-02 */
export const leaderLoss: Contract = {
  id: 'ETCD-02',
  area: 'etcd',
  promise:
    'When the leader is lost the others elect a new one in about an election timeout, and no write that was acknowledged is lost.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  scenarios: ['partition-etcd'],
  judge(recording) {
    const losses = minorities(recording, faultWindows(recording)).flatMap(({ window, members }) => {
      const leader = leaderAt(recording, window.intentAt)
      return leader !== undefined && members.includes(leader) ? [{ window, leader, members }] : []
    })
    const [{ window, leader, members }] = requireNonEmpty(losses, 'At no time was the leader of etcd cut off.')
    const statuses = recording.of('etcd')
    const termBefore = Math.max(
      ...statuses.flatMap(({ at, term }) => (at <= window.intentAt && term !== undefined ? [term] : [])),
    )
    const told = requireNonEmpty(
      statuses.filter(
        ({ at, member, answered }) =>
          answered && !members.includes(member) && window.intentAt <= at && at <= window.until,
      ),
      'No member of the majority told its status while the leader was cut off.',
    )
    const elected = told.find(({ leader: now, term }) => now && !members.includes(now) && (term ?? 0) > termBefore)
    const bound = election(recording)
    const fault = window.words
    if (!elected) {
      return failed(`The majority had no leader ${duration(window.until - window.from)} after ${leader} was cut off.`, {
        observed: 'no new leader',
        bound,
        fault,
      })
    }
    const { acked, reads, lost } = acknowledged(recording)
    if (lost.length > 0) return lostWrites(lost, fault)
    // A fault bites a little before that is proven, so a quick election may have begun by then.
    const ms = Math.max(0, elected.at - window.from)
    return timed(ms, bound, {
      observed: `${elected.leader} led ${duration(ms)} after ${leader} was cut off`,
      pass: `A new leader was there in time, and ${counted(acked, 'acknowledged write')} are in all ${counted(reads, 'read')}.`,
      late: `${elected.leader} was elected only ${duration(ms)} after ${leader} was cut off.`,
      fault,
      moments: [{ at: elected.at, label: `${elected.leader} leads etcd` }],
    })
  },
}

/** The gravest finding about a store: it confirmed a write and forgot it. */
export function lostWrites(lost: readonly string[], fault: string): ReturnType<typeof failed> {
  return failed(`Acknowledged writes are gone: ${listed(lost)}.`, {
    observed: `${counted(lost.length, 'lost write')}`,
    fault,
  })
}
