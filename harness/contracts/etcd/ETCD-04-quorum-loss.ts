import { type Ledger, acknowledged, requireReadBack } from '../../judge/cluster/acknowledged-writes.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { undisturbedUntil } from '../../judge/cluster/etcd-members.ts'
import { certain, during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named } from '../../judge/recording/cluster-facts.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { requireWrites } from '../../judge/coverage/write-coverage.ts'
import type { RecordOf } from '../../record/records.ts'
import { lostWrites } from './lost-writes.ts'
import { type Outage, quorumOutages } from './outage.ts'
import { type Recovery, recoveries, recoveryBound, requireLate } from './recoveries.ts'
import { type Return, requireRejoined, stayedAway } from './rejoin.ts'

interface Recovered {
  readonly outageMs: number
  /** Writes without a quorum; 0 where the recording holds no ledger. */
  readonly tried: number
  readonly acked: number
  readonly reads: number
  readonly via: string
  readonly slowestMs: number
}

const found = findings({
  CONFIRMED_WITHOUT_QUORUM: ({ writes }: { readonly writes: readonly string[] }) =>
    `${listed(writes)} after the quorum was lost.`,
  NO_RECOVERY: ({ via, afterMs }: { readonly via: string; readonly afterMs: number }) =>
    `${via} confirmed no write in ${duration(afterMs)} after the majority returned.`,
  NOTHING_CONFIRMED: ({ outageMs, tried }: { readonly outageMs: number; readonly tried: number }) =>
    `None of ${counted(tried, 'write')} was confirmed in ${duration(outageMs)} without a quorum, which was not restored.`,
  QUORUM_RECOVERED: ({ outageMs, tried, acked, reads, slowestMs }: Recovered) =>
    `etcd recovered within ${duration(slowestMs)} of ${duration(outageMs)} without a quorum; ${tried === 0 ? 'no writes were recorded' : `none of ${counted(tried, 'write')} was confirmed without it, and all ${counted(acked, 'acknowledged write')} are in ${counted(reads, 'read')}`}.`,
  RECOVERY_LATE: ({ via, slowestMs }: Recovered) =>
    `${via} recovered ${duration(slowestMs)} after the majority returned.`,
})

export const quorumLoss = defineContract<Outage>({
  id: 'ETCD-04',
  area: 'etcd',
  promise:
    'Without a majority of its members etcd confirms no write; when a majority returns, etcd recovers without help and holds every acknowledged write.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  stimulus: { needs: 'a time without a majority of etcd members', find: quorumOutages },
  judge(recording, outages) {
    const ledger = acknowledged(recording)
    if (ledger.lost.length > 0) return lostWrites(ledger)
    const finding = gravest(outages, (outage) => onOutage(recording, outage, ledger))
    if (finding.status !== 'pass') return finding
    requireReadBack(ledger)
    for (const outage of outages) requireWrites(recording, leftIn(recording, outage), certain(outage))
    return finding
  },
})

function onOutage(recording: Recording, outage: Outage, ledger: Ledger): Finding {
  const tried = ledger.tried > 0 ? writesWithout(recording, outage) : []
  const acked = tried.filter(({ outcome, endedAt }) => outcome === 'acked' && endedAt < certain(outage).until)
  const { fault } = outage
  if (acked.length > 0) {
    const writes = acked.map(({ key, via, endedAt }) => `${via} confirmed ${key} ${duration(endedAt - outage.from)}`)
    return found.fail(
      'CONFIRMED_WITHOUT_QUORUM',
      { writes },
      { observed: `${counted(acked.length, 'write')} confirmed without a quorum`, fault, evidence: acked },
    )
  }
  const after = outage.until === Infinity ? undefined : notRecovered(recording, outage)
  if (after) return after
  if (ledger.tried > 0)
    requireNonEmpty(tried, 'No write to a remaining member was recorded while the quorum was lost.', 'NOT_WRITTEN')
  if (outage.until === Infinity) {
    const outageMs = (tried.at(-1)?.endedAt ?? outage.from) - outage.from
    return found.pass(
      'NOTHING_CONFIRMED',
      { outageMs, tried: tried.length },
      { observed: `0 of ${counted(tried.length, 'write')} confirmed`, fault },
    )
  }
  return afterwards(recording, outage, ledger, tried.length)
}

/** The members and API servers whose machines no cause of an outage may have taken away. */
function leftIn(recording: Recording, { causes }: Outage): string[] {
  const hit = new Set(
    causes.flatMap(({ target }) => (target.component === undefined && !target.cut ? target.machines : [])),
  )
  const places = new Set(recording.of('write').map(({ via }) => via))
  return [...places].filter((via) => !hit.has(via.replace('apiserver@', '')))
}

/** The writes to members that were left. */
function writesWithout(recording: Recording, outage: Outage): RecordOf<'write'>[] {
  return recording.of('write').filter(({ at, via }) => during(certain(outage), at) && !outage.dead.has(via))
}

function backsOf(recording: Recording, { causes, until: since, fault }: Outage): Return[] {
  const until = undisturbedUntil(recording, causes, since)
  return named(recording, 'etcd').map((member) => ({ member, since, until, fault }))
}

/** What never worked again. What the recording lacks otherwise hides none of it. */
function notRecovered(recording: Recording, outage: Outage): Finding | undefined {
  const [away] = stayedAway(recording, backsOf(recording, outage))
  if (away) return away
  try {
    const recovered = recoveries(recording, outage, undisturbedUntil(recording, outage.causes, outage.until))
    const never = recovered.find(({ at }) => at === undefined)
    return never && neverRecovered(never, outage, recoveryBound(recording, outage, never.via))
  } catch (error) {
    if (error instanceof InconclusiveError) return undefined
    throw error
  }
}

function afterwards(recording: Recording, outage: Outage, ledger: Ledger, tried: number): Finding {
  const { fault } = outage
  const backs = backsOf(recording, outage)
  const recovered = recoveries(recording, outage, undisturbedUntil(recording, outage.causes, outage.until))
  const [first, ...more] = requireNonEmpty(
    recovered,
    'No member or API server had the time to recover before another fault.',
    'OTHER_FAULT',
  )
  const excess = (one: Recovery): number => Math.max(0, one.afterMs - recoveryBound(recording, outage, one.via).limit)
  const isWorse = (a: Recovery, b: Recovery): boolean =>
    excess(a) || excess(b) ? excess(a) > excess(b) : a.afterMs > b.afterMs
  const slowest = more.reduce((most, one) => (isWorse(one, most) ? one : most), first)
  const { via, afterMs: slowestMs } = slowest
  const bound = recoveryBound(recording, outage, via)
  if (slowestMs <= bound.limit) requireRejoined(recording, backs)
  else requireLate(recording, slowest, { from: outage.until, until: outage.until + bound.limit })
  const { acked, reads } = ledger
  return found.timed(
    { pass: 'QUORUM_RECOVERED', late: 'RECOVERY_LATE' },
    { outageMs: outage.until - outage.from, tried, acked, reads, via, slowestMs },
    slowestMs,
    bound,
    {
      observed: `0 of ${tried} writes confirmed; recovered everywhere after ${duration(slowestMs)}`,
      fault,
      moments: [{ at: outage.until + slowestMs, label: 'etcd has recovered' }],
      evidence: [slowest.record],
    },
  )
}

function neverRecovered({ via, afterMs, record }: Recovery, { fault }: Outage, bound: Bound): Finding {
  return found.fail(
    'NO_RECOVERY',
    { via, afterMs },
    { observed: `no recovery through ${via}`, bound, fault, evidence: [record] },
  )
}
