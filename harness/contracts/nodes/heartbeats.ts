import { type Node, type ObjectOf, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { JournalRecord } from '../../record/records.ts'
import { parseRfc3339 } from '../../common/rfc3339.ts'

/** A heartbeat of a Node's kubelet. */
export interface Heartbeat {
  readonly at: number
  /** When an undelayed watch would have reported it: at or before `at`. */
  readonly sentAt: number
  /** False for a sign from a list: it came at that time at the latest. */
  readonly exact: boolean
  readonly record: JournalRecord
}

/** The renewals of a Node's Lease, by which its kubelet reports that it works. */
export function renewals(recording: Recording, node: Life<Node>): Heartbeat[] {
  const leases = objects(recording, 'leases').named('kube-node-lease', node.name)
  return leases.flatMap(({ listed, versions }) => {
    const renewed = versions.filter(
      ({ deleted, object }, n) => !deleted && object.spec.renewTime !== versions[n - 1]?.object.spec.renewTime,
    )
    const sent = sentTimes(listed ? renewed.slice(1) : renewed)
    return renewed.map((version, n) => {
      const { at, record } = version
      return { at, sentAt: sent.get(version) ?? at, record, exact: !(listed && n === 0) }
    })
  })
}

/** The heartbeats of a Node's kubelet, as the controller manager counts them: a renewed Lease or a new status. */
export function heartbeats(recording: Recording, node: Life<Node>): Heartbeat[] {
  const reports = node.versions
    .filter(
      ({ deleted, object }, n) => !deleted && n > 0 && reported(object) !== reported(node.versions[n - 1]?.object),
    )
    .map(({ at, record }) => ({ at, sentAt: at, record, exact: true }))
  // An earlier Node of the same name had the same Lease.
  const bornAt = node.listed ? -Infinity : node.bornAt
  return [...renewals(recording, node), ...reports]
    .filter(({ at }) => bornAt <= at && at < node.deletedAt)
    .sort((a, b) => a.at - b.at)
}

/**
 * When each renewal was sent: its renewTime, shifted to the recording's clock by the renewal with the quickest report.
 * So the kubelet's clock is compared only with itself.
 */
function sentTimes(renewals: readonly Version<ObjectOf<'leases'>>[]): ReadonlyMap<Version<ObjectOf<'leases'>>, number> {
  const renewedAt = ({ object }: Version<ObjectOf<'leases'>>): number => parseRfc3339(object.spec.renewTime ?? '')
  const shift = Math.min(...renewals.map((one) => one.at - renewedAt(one)).filter(Number.isFinite))
  return new Map(renewals.map((one) => [one, Math.min(one.at, renewedAt(one) + shift) || one.at]))
}

function reported(node: Node | undefined): string | null | undefined {
  return node?.status.conditions.find(({ type }) => type === 'Ready')?.lastHeartbeatTime
}
