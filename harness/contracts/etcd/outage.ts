import { cutOff, quorum } from '../../judge/cluster/etcd-members.ts'
import {
  type FaultWindow,
  type Interval,
  certain,
  down,
  faultWindows,
  overlaps,
  timesWhen,
} from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named } from '../../judge/recording/cluster-facts.ts'

export interface Outage extends Interval {
  /** Machines whose process did not run: their refusals prove nothing. */
  readonly dead: ReadonlySet<string>
  readonly causes: readonly FaultWindow[]
  /** When the first revert of a cause began; Infinity where the recording states none. */
  readonly revertingAt: number
  readonly fault: string
}

/** Times in which no majority of etcd's members ran, or none was connected. */
export function quorumOutages(recording: Recording): Outage[] {
  const members = named(recording, 'etcd')
  const windows = faultWindows(recording)
  const stopped = outagesOf(
    recording,
    { component: 'etcd', hosts: members },
    (dead) => members.length - dead.size < quorum(members.length),
  )
  const isolated = windows
    .filter(({ target: { cut = [], network = 'peers' } }) => {
      return network === 'peers' && cutOff(members, cut).length === members.length
    })
    .map((window) => outage(window, new Set(), [window]))
  return [...stopped, ...isolated].filter(hasCertainTime)
}

/** Times in which every API server was down. */
export function apiOutages(recording: Recording): Outage[] {
  const hosts = named(recording, 'control-plane')
  return outagesOf(recording, { component: 'kube-apiserver', hosts }, (dead) => dead.size === hosts.length).filter(
    hasCertainTime,
  )
}

function outagesOf(
  recording: Recording,
  { component, hosts }: { readonly component: string; readonly hosts: readonly string[] },
  holds: (dead: ReadonlySet<string>) => boolean,
): Outage[] {
  const downs = down(faultWindows(recording), component, hosts)
  return timesWhen(downs, holds).map((interval) => {
    const guilty = downs.filter((one) => overlaps(one, interval))
    return outage(
      interval,
      new Set(guilty.map(({ machine }) => machine)),
      guilty.map(({ window }) => window),
    )
  })
}

function outage({ from, until }: Interval, dead: ReadonlySet<string>, causes: readonly FaultWindow[]): Outage {
  const own = [...new Set(causes)]
  const revertingAt = Math.min(...own.map((cause) => cause.revertingAt ?? Infinity))
  return {
    from,
    until,
    dead,
    causes: own,
    revertingAt,
    fault: [...new Set(own.map(({ description }) => description))].join('; '),
  }
}

/** An outage that ended within the precision of its own end proof can't be judged. */
function hasCertainTime(one: Outage): boolean {
  return certain(one).until > one.from
}
