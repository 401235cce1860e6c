import { acknowledged } from '../../judge/acknowledged-writes.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { certain, during } from '../../judge/fault-windows.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { quorumRecovery } from '../bounds.ts'
import { lostWrites } from './leader-loss.ts'
import { quorumOutage } from './outage.ts'

/** ETCD-04 */
export const quorumLoss: Contract = {
  id: 'ETCD-04',
  area: 'etcd',
  promise:
    'Without a majority of its members etcd confirms no write; when a majority is back it recovers by itself and has every acknowledged write.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  scenarios: ['partition-etcd'],
  judge(recording) {
    const { outage, dead, fault } = quorumOutage(recording)
    const sure = certain(outage)
    const writes = recording.of('write')
    const tried = requireNonEmpty(
      writes.filter(({ at, via }) => during(sure, at) && !dead.has(via)),
      'Nobody wrote to a member that was left while the quorum was lost.',
    )
    const acked = tried.filter(({ outcome, endedAt }) => outcome === 'acked' && endedAt < sure.until)
    if (acked.length > 0) {
      return failed(
        `${listed(acked.map(({ key, via, endedAt }) => `${via} confirmed ${key} ${duration(endedAt - outage.from)}`))} after the quorum was lost.`,
        { observed: `${counted(acked.length, 'write')} confirmed without a quorum`, fault },
      )
    }
    const bound = quorumRecovery(recording)
    let slowest = { via: '', ms: 0 }
    for (const [via, own] of Map.groupBy(writes, (write) => write.via)) {
      const after = own.filter(({ endedAt }) => endedAt >= outage.until)
      const first = after.filter(({ outcome }) => outcome === 'acked').sort((a, b) => a.endedAt - b.endedAt)[0]
      if (first) {
        const ms = first.endedAt - outage.until
        if (ms > slowest.ms) slowest = { via, ms }
        continue
      }
      // Only for as long as somebody tried is it known that nothing was confirmed.
      const tried = Math.max(0, ...after.map(({ endedAt }) => endedAt - outage.until))
      if (tried <= bound.limit)
        throw new InconclusiveError(`Nobody wrote through ${via} long enough after the majority was back.`)
      return failed(`${via} confirmed no write in ${duration(tried)} after the majority was back.`, {
        observed: `no recovery through ${via}`,
        bound,
        fault,
      })
    }
    const { acked: confirmed, reads, lost } = acknowledged(recording)
    if (lost.length > 0) return lostWrites(lost, fault)
    return timed(slowest.ms, bound, {
      observed: `0 of ${tried.length} writes confirmed; writable again everywhere after ${duration(slowest.ms)}`,
      pass: `Nothing was confirmed in ${duration(outage.until - outage.from)} without a quorum, and all ${confirmed} acknowledged writes are in ${counted(reads, 'read')}.`,
      late: `Through ${slowest.via} the first write was confirmed ${duration(slowest.ms)} after the majority was back.`,
      fault,
      moments: [{ at: outage.until + slowest.ms, label: 'etcd takes writes again' }],
    })
  },
}
