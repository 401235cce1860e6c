import { quorum } from '../../judge/etcd-members.ts'
import { down, during, faultWindows, type Interval, timesWhen } from '../../judge/fault-windows.ts'
import type { Recording } from '../../judge/recording.ts'
import { named } from '../../judge/scene.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'

interface QuorumOutage {
  readonly outage: Interval
  /** Members that did not run: what they refuse shows nothing. */
  readonly dead: ReadonlySet<string>
  readonly fault: string
}

/** The first time in which too few etcd members ran for a majority, and which faults made it. @throws InconclusiveError */
export function quorumOutage(recording: Recording): QuorumOutage {
  const members = named(recording, 'etcd')
  const downs = down(faultWindows(recording), 'etcd', members)
  const [outage] = requireNonEmpty(
    timesWhen(downs, (machines) => members.length - machines.size < quorum(members.length)),
    'At no time was the quorum of etcd lost.',
  )
  const guilty = downs.filter((one) => during(one, outage.from))
  return {
    outage,
    dead: new Set(guilty.map(({ machine }) => machine)),
    fault: [...new Set(guilty.map(({ window }) => window.words))].join('; '),
  }
}
