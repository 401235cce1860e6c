import { quorum } from '../../judge/etcd-members.ts'
import { down, faultWindows, type Interval, timesWhen } from '../../judge/fault-windows.ts'
import type { Recording } from '../../judge/recording.ts'
import { named } from '../../judge/scene.ts'
import { needSome } from '../../judge/undecided.ts'

/** The first time in which too few etcd members ran for a majority, and which faults made it. @throws Undecided */
export function quorumOutage(recording: Recording): { readonly outage: Interval; readonly fault: string } {
  const members = named(recording, 'etcd')
  const downs = down(faultWindows(recording), 'etcd', members)
  const [outage] = needSome(
    timesWhen(downs, (machines) => members.length - machines.size < quorum(members.length)),
    'At no time was the quorum of etcd lost.',
  )
  return { outage, fault: [...new Set(downs.map(({ window }) => window.words))].join('; ') }
}
