import { isActive, type ObjectOf, objects, type Pod } from '../recording/kubernetes-objects.ts'
import type { Life } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'
import type { JournalRecord } from '../../record/records.ts'
import { resolveShare } from '../statistics/share.ts'

/** A time in which an object's wanted and actual numbers of replicas did not change. */
export interface ReplicaSpan {
  readonly from: number
  readonly until: number
  readonly wanted: number
  readonly actual: number
  /** How many fewer, and more, are as documented: more than none during a rollout. */
  readonly fewer: number
  readonly more: number
  /** The record of the change with which it begins. */
  readonly record: JournalRecord
}

/** The owner of a number of replicas, and the number that existed, found by ownership. */
export interface ReplicaTimeline {
  readonly kind: 'Deployment' | 'ReplicaSet'
  readonly namespace: string
  readonly name: string
  readonly spans: readonly ReplicaSpan[]
}

type Deployment = ObjectOf<'deployments'>
type ReplicaSet = ObjectOf<'replicasets'>
type Counted = Omit<ReplicaSpan, 'from' | 'until' | 'record'>

/**
 * Counts after every change: for each ReplicaSet its active pods, for each Deployment the wanted replicas of its
 * ReplicaSets. Each ends with the object, its deletion request, or at `end`. By namespace.
 */
export function replicaTimelines(recording: Recording, end: (namespace: string) => number): ReplicaTimeline[] {
  const sets = objects(recording, 'replicasets').lives
  const podsOf = owned(objects(recording, 'pods').lives)
  const setsOf = owned(sets)
  return [
    ...sets.map((life) => timelineOf('ReplicaSet', life, podsOf.get(life.uid) ?? [], end, countPods)),
    ...objects(recording, 'deployments').lives.map((life) => {
      const own = setsOf.get(life.uid) ?? []
      const pods = own.flatMap(({ uid }) => podsOf.get(uid) ?? [])
      const count = (deployment: Deployment, at: number): Counted => countSets(deployment, own, pods, at)
      return timelineOf('Deployment', life, [...own, ...pods], end, count)
    }),
  ]
}

type Owned = { readonly metadata: Pod['metadata'] }

function owned<T extends Owned>(lives: readonly Life<T>[]): ReadonlyMap<string, Life<T>[]> {
  const byOwner = new Map<string, Life<T>[]>()
  for (const life of lives) {
    const owners = new Set(life.versions.flatMap(({ object }) => object.metadata.ownerReferences.map(({ uid }) => uid)))
    for (const uid of owners) byOwner.set(uid, [...(byOwner.get(uid) ?? []), life])
  }
  return byOwner
}

function countPods({ spec }: ReplicaSet, at: number, pods: readonly Life<Pod>[], uid: string): Counted {
  const active = pods.filter((life) => {
    const pod = life.at(at)
    return pod !== undefined && isActive(pod) && pod.metadata.ownerReferences.some((one) => one.uid === uid)
  })
  return { wanted: spec.replicas, actual: active.length, fewer: 0, more: 0 }
}

/** During a rollout two ReplicaSets share the replicas, within the limits of the strategy. */
function countSets(
  { spec }: Deployment,
  sets: readonly Life<ReplicaSet>[],
  pods: readonly Life<Pod>[],
  at: number,
): Counted {
  const perSet = sets.map((life) => life.at(at)?.spec.replicas ?? 0)
  const [wanted, actual] = [spec.replicas, perSet.reduce((sum, replicas) => sum + replicas, 0)]
  if (spec.strategy.type === 'Recreate') {
    const old = pods.some((life) => life.at(at)?.metadata.deletionTimestamp !== undefined)
    return { wanted, actual, fewer: old ? wanted : 0, more: 0 }
  }
  if (perSet.filter((replicas) => replicas > 0).length < 2) return { wanted, actual, fewer: 0, more: 0 }
  const { maxUnavailable, maxSurge } = spec.strategy.rollingUpdate
  const more = resolveShare(maxSurge, wanted, Math.ceil)
  const fewer = resolveShare(maxUnavailable, wanted, Math.floor)
  return { wanted, actual, fewer: more + fewer === 0 ? 1 : fewer, more }
}

function timelineOf<T extends Owned, O extends Life<unknown>>(
  kind: ReplicaTimeline['kind'],
  life: Life<T>,
  others: readonly O[],
  end: (namespace: string) => number,
  count: (object: T, at: number, others: readonly O[], uid: string) => Counted,
): ReplicaTimeline {
  const { namespace, name, uid } = life
  const reported = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? Infinity
  const stop = Math.min(end(namespace), life.deletedAt, reported)
  const changes = new Map<number, JournalRecord>()
  for (const { versions } of [life, ...others]) for (const { at, record } of versions) changes.set(at, record)
  const times = [...changes].sort(([a], [b]) => a - b)
  const spans = times.flatMap(([from, record], n): ReplicaSpan[] => {
    const object = life.at(from)
    const until = Math.min(stop, times[n + 1]?.[0] ?? stop)
    return object === undefined || from >= until ? [] : [{ from, until, record, ...count(object, from, others, uid) }]
  })
  return { kind, namespace, name, spans }
}
