import { bindings } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { lastEnd } from '../../judge/recording/intervals.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import { tolerates } from '../../judge/recording/tolerations.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Node } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { nodeTainted, watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { isUnknown, type Silence, silences } from './silences.ts'
import { evictionsStopped, unreadyBefore } from './zone-health.ts'

const key = 'node.kubernetes.io/unreachable'
type Effect = 'NoSchedule' | 'NoExecute'

/** A Node that was Unknown for long enough that it had to be tainted, or that was tainted. */
interface Due {
  readonly node: string
  readonly unknown: Version<Node>
  /** When the controller manager could first taint it. */
  readonly since: number
  /** Until when it was Unknown. */
  readonly until: number
  readonly bound: Bound
  readonly taints: readonly { readonly effect: Effect; readonly version: Version<Node> | undefined }[]
  readonly fault: string | undefined
}

interface Tainted {
  readonly node: string
  readonly afterMs: number
}

const found = findings({
  NOT_TAINTED: ({ node, afterMs, effects }: Tainted & { readonly effects: readonly string[] }) =>
    `${node} was Unknown for ${duration(afterMs)} without the taint ${key}:${listed(effects)}.`,
  PLACED_ON_LOST_NODE: ({ node, pods }: { readonly node: string; readonly pods: readonly string[] }) =>
    `The scheduler bound ${listed(pods)} to ${node} after the Node had been tainted.`,
  TAINTED_IN_TIME: ({ node, afterMs }: Tainted) =>
    `${node} was tainted ${duration(afterMs)} after it was marked Unknown, and no pod was bound to it afterwards.`,
  TAINTED_LATE: ({ node, afterMs }: Tainted) =>
    `${node} was tainted ${duration(afterMs)} after it was marked Unknown, later than its bound.`,
})

export const unreachableTaints = defineContract<Due>({
  id: 'NODE-03',
  area: 'nodes',
  promise: 'The node controller taints an Unknown Node as unreachable, which keeps new pods away and evicts old ones.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  stimulus: {
    needs: 'a Node that stays Unknown until it has to be tainted',
    find: (recording) =>
      silences(recording)
        .flatMap((silence) => dueOf(recording, silence) ?? [])
        .filter(
          ({ taints, since, until, bound }) => taints.every(({ version }) => version) || until - since > bound.limit,
        ),
  },
  judge: (recording, due) => gravest(due, (one) => tainted(recording, one)),
})

function dueOf(recording: Recording, { node, life, unknown, fault }: Silence): Due | undefined {
  if (!unknown) return undefined
  const again = life.versions.find(({ at, object }) => at > unknown.at && !isUnknown(object))
  const until = Math.min(again?.at ?? Infinity, life.deletedAt, span(recording).until)
  const since = lastEnd(unableTimes(recording, 'kube-controller-manager'), unknown.at, until)
  const bound = nodeTainted(recording, unreadyBefore(recording, node, unknown.at))
  const effects: readonly Effect[] = evictionsStopped(recording, node, { from: unknown.at, until: since + bound.limit })
    ? ['NoSchedule']
    : ['NoSchedule', 'NoExecute']
  // The taint may be written before the condition.
  const taints = effects.map((effect) => ({
    effect,
    version: firstWith(life, effect, unknown.at - watchDelayMs, until),
  }))
  return { node, unknown, since, until, bound, taints, fault }
}

function firstWith(life: Life<Node>, effect: Effect, from: number, until: number): Version<Node> | undefined {
  const version = life.first(({ spec }) => spec.taints.some((one) => one.key === key && one.effect === effect), from)
  return version && version.at <= until ? version : undefined
}

function tainted(recording: Recording, due: Due): Finding {
  const { node, unknown, since, until, bound, taints } = due
  const fault = due.fault === undefined ? {} : { fault: due.fault }
  requireWatched(recording, 'nodes', unknown.at, Math.min(until, since + bound.limit))
  const missing = taints.filter(({ version }) => !version).map(({ effect }) => effect)
  if (missing.length > 0) {
    return found.fail(
      'NOT_TAINTED',
      { node, afterMs: until - since, effects: missing },
      { observed: `no taint ${listed(missing)}`, bound, ...fault, evidence: [unknown.record] },
    )
  }
  const last = Math.max(...taints.map(({ version }) => version?.at ?? Infinity))
  const evidence = [unknown.record, ...taints.flatMap(({ version }) => version?.record ?? [])]
  const placed = placedOn(recording, node, { from: last + watchDelayMs, until })
  if (placed.length > 0) {
    return found.fail(
      'PLACED_ON_LOST_NODE',
      { node, pods: placed.map(({ pod }) => pod) },
      {
        observed: `${counted(placed.length, 'pod')} placed on a lost Node`,
        ...fault,
        evidence: [...evidence, ...placed.map(({ record }) => record)],
      },
    )
  }
  const afterMs = Math.max(0, last - since)
  return found.timed({ pass: 'TAINTED_IN_TIME', late: 'TAINTED_LATE' }, { node, afterMs }, afterMs, bound, {
    observed: `tainted ${duration(afterMs)} after Unknown`,
    ...fault,
    moments: [{ at: last, label: `${node} tainted unreachable` }],
    evidence,
  })
}

/** Granted bindings of pods that do not tolerate the taint. */
function placedOn(recording: Recording, node: string, { from, until }: { from: number; until: number }) {
  return bindings(recording).filter((one) => {
    if (!one.bound || one.node !== node || one.at <= from || one.at >= until) return false
    const pod = objects(recording, 'pods').named(one.namespace, one.pod).at(-1)?.versions[0]?.object
    return !pod || !tolerates(pod, { key, effect: 'NoSchedule' })
  })
}
