import { type Ledger, acknowledged, requireReadBack } from '../../judge/acknowledged-writes.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { undisturbedUntil } from '../../judge/etcd-members.ts'
import { certain, during } from '../../judge/fault-windows.ts'
import { findings } from '../../judge/finding.ts'
import { gravest } from '../../judge/gravest.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import type { Recording } from '../../judge/recording.ts'
import { named } from '../../judge/scene.ts'
import type { Bound } from '../../judge/verdict.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { quorumRecovery } from '../bounds.ts'
import { lostWrites } from './lost-writes.ts'
import { type Outage, quorumOutages } from './outage.ts'
import { type Recovery, recoveries } from './recoveries.ts'
import { requireRejoined, stayedAway } from './rejoin.ts'

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

/** ETCD-04 */
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
    if (finding.status === 'pass') requireReadBack(ledger)
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

/** @throws InconclusiveError where the ledger's clients did not write to a remaining member */
function writesWithout(recording: Recording, outage: Outage) {
  return requireNonEmpty(
    recording.of('write').filter(({ at, via }) => during(certain(outage), at) && !outage.dead.has(via)),
    'No write to a remaining member was recorded while the quorum was lost.',
    'NOT_WRITTEN',
  )
}

function afterwards(recording: Recording, outage: Outage, ledger: Ledger, tried: number): Finding {
  const { fault } = outage
  const bound = quorumRecovery(recording)
  const until = undisturbedUntil(recording, outage.causes, outage.until)
  const backs = named(recording, 'etcd').map((member) => ({ member, since: outage.until, until, fault }))
  const [away] = stayedAway(recording, backs)
  if (away) return away
  const recovered = recoveries(recording, outage, until)
  const never = recovered.find(({ at }) => at === undefined)
  if (never) return neverRecovered(never, outage, bound)
  const [first, ...more] = requireNonEmpty(
    recovered,
    'No member or API server had the time to recover before another fault.',
    'OTHER_FAULT',
  )
  const slowest = more.reduce((most, one) => (one.afterMs > most.afterMs ? one : most), first)
  const slowestMs = slowest.afterMs
  if (slowestMs <= bound.limit) requireRejoined(recording, backs)
  const { acked, reads } = ledger
  return found.timed(
    { pass: 'QUORUM_RECOVERED', late: 'RECOVERY_LATE' },
    { outageMs: outage.until - outage.from, tried, acked, reads, via: slowest.via, slowestMs },
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
