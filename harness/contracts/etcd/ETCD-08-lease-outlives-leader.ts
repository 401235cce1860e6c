import { defineContract, type Finding } from '../../judge/contract.ts'
import { faultWindows } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { requireEvidence } from '../../judge/verdict/inconclusive.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import type { RecordOf } from '../../record/records.ts'
import { leaderLosses } from './leader-losses.ts'

type Leased = RecordOf<'leased'>

/** A lease whose leader was lost before it was due to expire. */
interface HeldLease {
  readonly grant: Leased
  readonly lost: string
  readonly readings: readonly Leased[]
}

interface Lifetime {
  readonly lease: string
  readonly leader: string
  readonly ttlMs: number
  readonly afterMs: number
}

const found = findings({
  LEASE_EXPIRED_EARLY: ({ lease, leader, ttlMs, afterMs }: Lifetime) =>
    `The lease ${lease} of ${duration(ttlMs)} had expired ${duration(afterMs)} after its request; the leader ${leader} was lost meanwhile.`,
  LEASE_OUTLIVED_LEADER: ({ lease, leader, ttlMs, afterMs, leases }: Lifetime & { readonly leases: number }) =>
    `${counted(leases, 'lease')} outlived the loss of a leader: ${lease} of ${duration(ttlMs)} was still held ${duration(afterMs)} after its request, and ${leader} was lost meanwhile.`,
})

/** ETCD-08 */
export const leaseOutlivesLeader = defineContract<HeldLease>({
  id: 'ETCD-08',
  area: 'etcd',
  promise:
    'etcd does not expire a lease before its granted lifetime has passed, even when the leader that granted it is lost.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  stimulus: {
    needs: 'a lease of a client, and the loss of the etcd leader before it was due to expire',
    find: heldLeases,
  },
  judge: (_, all) => gravest(all, (one) => outlived(one, all.length)),
})

function heldLeases(recording: Recording): HeldLease[] {
  const losses = leaderLosses(recording, faultWindows(recording))
  const byLease = Map.groupBy(recording.of('leased'), ({ lease }) => lease)
  return [...byLease.values()].flatMap((own) => {
    const grant = own.find(({ state }) => state === 'granted')
    const loss = grant && losses.find(({ at }) => grant.endedAt < at && at < grant.at + grant.ttlMs)
    return grant && loss ? [{ grant, lost: loss.leader, readings: own.filter(({ state }) => state !== 'granted') }] : []
  })
}

/** The lifetime begins between the request and its answer, so only what holds for both is counted. @throws InconclusiveError NOT_READ */
function outlived({ grant, lost, readings }: HeldLease, leases: number): Finding {
  const { lease, ttlMs } = grant
  const expired = readings.find(({ state }) => state === 'expired')
  const bound: Bound = { limit: 0, unit: 'count', source: `lifetime ${duration(ttlMs)} that etcd granted` }
  const about = { lease, leader: lost, ttlMs }
  if (expired && expired.endedAt < grant.at + ttlMs) {
    const afterMs = Math.round(expired.endedAt - grant.at)
    const details = { observed: 'a lease that expired early', measured: 1, bound }
    return found.fail('LEASE_EXPIRED_EARLY', { ...about, afterMs }, { ...details, evidence: [grant, expired] })
  }
  const held = requireEvidence(
    readings.findLast(({ at, state }) => state === 'held' && at >= grant.at + ttlMs),
    `No reading shows that the lease ${lease} was held until its lifetime had passed.`,
    'NOT_READ',
  )
  const afterMs = Math.round(held.at - grant.at)
  const details = { observed: `held for ${duration(afterMs)}`, measured: 0, bound, evidence: [grant, held] }
  return found.pass('LEASE_OUTLIVED_LEADER', { ...about, afterMs, leases }, details)
}
