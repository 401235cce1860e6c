import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { type FaultWindow, faultWindows, overlaps } from '../../judge/faults/fault-windows.ts'
import { type Node, type Pod, hasCondition, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { apiServersOf, extended, faultsOf, membersOf } from '../fault-effects.ts'
import { watchDelayMs } from '../bounds.ts'
import { networkReported } from './network-bounds.ts'

/** A Node whose network configuration was missing for long enough to judge its report. */
interface Missing {
  readonly node: string
  readonly window: FaultWindow
  readonly reported: Version<Node> | undefined
}

const found = findings({
  NOT_REPORTED: ({ node, afterMs }: { readonly node: string; readonly afterMs: number }) =>
    `${node} was without network configuration for ${duration(afterMs)}, and its kubelet reported it as Ready.`,
  REPORTED_LATE: ({ node, afterMs }: { readonly node: string; readonly afterMs: number }) =>
    `The kubelet of ${node} reported the missing network after ${duration(afterMs)}, later than the bound.`,
  OTHER_REASON: ({ node, message }: { readonly node: string; readonly message: string }) =>
    `The kubelet of ${node} reported that the Node is not Ready, and did not name the network: "${message}".`,
  STARTED_WITHOUT_NETWORK: ({ node, pod }: { readonly node: string; readonly pod: string }) =>
    `${pod} was Ready on ${node}, which had no network configuration since before the pod was bound.`,
  WAITED: ({ node, afterMs, pods }: { readonly node: string; readonly afterMs: number; readonly pods: number }) =>
    `The kubelet of ${node} reported the missing network after ${duration(afterMs)}, and ${counted(pods, 'pod')} waited for it.`,
})

export const waitsForNetwork = defineContract<Missing>({
  id: 'NET-07',
  area: 'pod-network',
  promise: 'A Node without network configuration is reported as not Ready for that reason, and its new pods wait.',
  reference: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
  stimulus: { needs: 'a Node whose CNI configuration was removed for a time', find: missing },
  judge(recording, all) {
    const until = Math.max(...all.map(({ window }) => window.until))
    requireWatched(
      recording,
      'pods',
      Math.min(...all.map(({ window }) => window.from)),
      Math.min(until, span(recording).until),
    )
    return gravest(all, (one) => judgeMissing(recording, one))
  },
})

function missing(recording: Recording): Missing[] {
  const { limit } = networkReported(recording)
  const windows = faultWindows(recording).filter(({ fault }) => fault === 'remove-cni')
  return windows.flatMap((window) => {
    const own = { from: window.intentAt, until: window.until }
    const end = Math.min(window.revertingAt ?? window.until, span(recording).until)
    return window.target.machines.flatMap((node) => {
      const places = [
        ...['kubelet', 'containerd', 'apiserver-lb'].map((component) => ({ machine: node, component })),
        ...apiServersOf(recording),
        ...membersOf(recording),
      ]
      const [life] = objects(recording, 'nodes').named('', node)
      if (!life) return []
      const reported = life.versions.find(({ at, deleted, object }) => {
        return !deleted && at >= window.intentAt && at <= end + watchDelayMs && hasCondition(object, 'Ready', 'False')
      })
      if (reported && reported.at - window.from <= limit) return [{ node, window, reported }]
      // Another fault may be the cause of a late or absent report.
      const disturbed = extended(faultsOf(recording, places), limit).some((time) => overlaps(time, own))
      return !disturbed && (reported || end - window.from > limit) ? [{ node, window, reported }] : []
    })
  })
}

function judgeMissing(recording: Recording, { node, window, reported }: Missing): Finding {
  const bound = networkReported(recording)
  const fault = window.description
  const end = Math.min(window.revertingAt ?? window.until, span(recording).until)
  if (!reported) {
    const afterMs = Math.round(end - window.from)
    return found.fail('NOT_REPORTED', { node, afterMs }, { observed: 'no report', measured: afterMs, bound, fault })
  }
  const moments = [{ at: reported.at, label: `${node} is not Ready` }]
  const { message = '' } = reported.object.status.conditions.find(({ type }) => type === 'Ready') ?? {}
  if (!/network|cni/i.test(message)) {
    const details = { observed: 'another reason', fault, moments, evidence: [reported.record] }
    return found.fail('OTHER_REASON', { node, message }, details)
  }
  const pods = objects(recording, 'pods').lives.filter((life) => isBoundLater(life, node, reported.at, end))
  const started = pods.flatMap((life) => startedBefore(life, end) ?? [])[0]
  if (started) {
    const { namespace, name } = started.record
    const details = { observed: 'a pod started', fault, evidence: [started.record] }
    return found.fail('STARTED_WITHOUT_NETWORK', { node, pod: `${namespace}/${name}` }, details)
  }
  const afterMs = Math.max(0, Math.round(reported.at - window.from))
  const details = { observed: `reported after ${duration(afterMs)}`, fault, moments, evidence: [reported.record] }
  const values = { node, afterMs, pods: pods.length }
  return found.timed({ pass: 'WAITED', late: 'REPORTED_LATE' }, values, afterMs, bound, details)
}

/** Whether a pod that uses the pod network was bound to the Node after the report. */
function isBoundLater({ versions }: Life<Pod>, node: string, from: number, until: number): boolean {
  const bound = versions.find(({ object }) => object.spec.nodeName === node)
  return bound !== undefined && bound.at > from && bound.at < until && !bound.object.spec.hostNetwork
}

/** The configuration may have returned shortly before the report of a start, so only earlier reports count. */
function startedBefore({ versions }: Life<Pod>, until: number): Version<Pod> | undefined {
  return versions.find(({ at, object }) => at < until && hasCondition(object, 'Ready', 'True'))
}
