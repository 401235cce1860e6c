import { type Node, objects } from '../../judge/kubernetes-objects.ts'
import type { Life } from '../../judge/object-history.ts'
import type { Recording } from '../../judge/recording.ts'
import type { JournalRecord } from '../../record/records.ts'

/** A sign of life of a Node's kubelet. */
export interface Heartbeat {
  readonly at: number
  /** False for what a list reported: it came at that time at the latest. */
  readonly exact: boolean
  readonly record: JournalRecord
}

/** When a Node's kubelet was heard of, as the controller manager counts it: a renewed Lease or a new status. */
export function heartbeats(recording: Recording, node: Life<Node>): Heartbeat[] {
  const leases = objects(recording, 'leases').named('kube-node-lease', node.name)
  const renewals = leases.flatMap(({ listed, versions }) =>
    versions
      .filter(({ deleted, object }, n) => !deleted && object.spec.renewTime !== versions[n - 1]?.object.spec.renewTime)
      .map(({ at, record }, n) => ({ at, record, exact: !(listed && n === 0) })),
  )
  const reports = node.versions
    .filter(
      ({ deleted, object }, n) => !deleted && n > 0 && reported(object) !== reported(node.versions[n - 1]?.object),
    )
    .map(({ at, record }) => ({ at, record, exact: true }))
  return [...renewals, ...reports].filter(({ at }) => at < node.deletedAt).sort((a, b) => a.at - b.at)
}

function reported(node: Node | undefined): string | null | undefined {
  return node?.status.conditions.find(({ type }) => type === 'Ready')?.lastHeartbeatTime
}
