import type { Interval } from '../../judge/faults/fault-windows.ts'
import { type ReplicaSpan, type ReplicaTimeline, replicaTimelines } from '../../judge/cluster/replica-timeline.ts'
import { isAvailable, podCounts, podsOwnedBy, setsOf } from '../../judge/cluster/pod-counts.ts'
import { type Rollout, rollouts } from '../../judge/cluster/rollouts.ts'
import { isActive, objects } from '../../judge/recording/kubernetes-objects.ts'
import { merged } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { JournalRecord } from '../../record/records.ts'
import { jobRuns, reported } from '../workloads/job-runs.ts'
import { shortTimes } from '../workloads/missing-job-pods.ts'
import { foregroundDeletions } from './foreground-deletions.ts'
import { namespaceEnd } from './pod-requests.ts'
import type { Work } from './work.ts'

/** Rollouts, numbers of replicas, Jobs and deletions with dependents that were unfinished at this time. */
export function workInHand(recording: Recording, at: number): Work[] {
  return [
    ...replicaWork(recording, at),
    ...rollouts(recording).flatMap((one) => (isDuring(one, at) ? [rolloutWork(recording, one)] : [])),
    ...jobRuns(recording).flatMap((run): Work[] => {
      const end = reported(run, 'Complete') ?? reported(run, 'Failed')
      if (!isDuring({ from: run.from, until: end?.at ?? run.until }, at)) return []
      const what = `Job ${run.job.namespace}/${run.job.name}`
      const due = merged(shortTimes(run, end?.at ?? run.until))
      return [{ what, due, done: end !== undefined, surplus: 0, records: run.job.versions.slice(-1).map(recordOf) }]
    }),
    ...foregroundDeletions(recording, at),
  ]
}

const recordOf = ({ record }: { readonly record: JournalRecord }): JournalRecord => record

function isDuring({ from, until }: Interval, at: number): boolean {
  return from <= at && at < until
}

/** The numbers of all ReplicaSets and Deployments of which a pod was being replaced, created or removed. */
function replicaWork(recording: Recording, at: number): Work[] {
  const { until } = span(recording)
  const end = (namespace: string): number => Math.min(until, namespaceEnd(recording, namespace))
  const rolling = rollouts(recording).flatMap((one) => (isDuring(one, at) ? [one.life] : []))
  const updated = new Set(
    rolling
      .flatMap((life) => [life, ...setsOf(recording, life.uid)])
      .map(({ namespace, name }) => `${namespace}/${name}`),
  )
  return replicaTimelines(recording, end).flatMap((timeline): Work[] => {
    const { kind, spans } = timeline
    const name = `${timeline.namespace}/${timeline.name}`
    const isUpdated = updated.has(name)
    const then = spans.find((one) => isDuring(one, at)) ?? (isUpdated ? spans.find(({ from }) => from > at) : undefined)
    if (!then || !(isUpdated || deviates(then) || hasTerminating(recording, timeline, at))) return []
    const after = spans.filter((one) => one.until > at)
    const last = after.at(-1)
    return [
      {
        what: `${kind} ${name}`,
        due: dueTimes(after),
        done: last !== undefined && !deviates(last),
        surplus: kind === 'ReplicaSet' ? createdAbove(after) : 0,
        records: [then.record],
      },
    ]
  })
}

/** While the same numbers deviate; a change of one of them is progress. */
function dueTimes(spans: readonly ReplicaSpan[]): Interval[] {
  const found: ReplicaSpan[] = []
  for (const one of spans) {
    const last = found.at(-1)
    if (!deviates(one)) continue
    const isSame = last?.until === one.from && last.actual === one.actual && last.wanted === one.wanted
    if (isSame) found.pop()
    found.push(isSame ? { ...last, until: one.until } : one)
  }
  return found
}

/** The most pods above the wanted number that a creation caused: a lower wanted number is no surplus. */
function createdAbove(spans: readonly ReplicaSpan[]): number {
  const created = spans.filter(({ actual }, n) => actual > (spans[n - 1]?.actual ?? actual))
  return Math.max(0, ...created.map(({ actual, wanted }) => actual - wanted))
}

function deviates({ actual, wanted, fewer, more }: ReplicaSpan): boolean {
  return actual < wanted - fewer || actual > wanted + more
}

function hasTerminating(recording: Recording, { kind, namespace, name }: ReplicaTimeline, at: number): boolean {
  return objects(recording, 'pods')
    .in(namespace)
    .some((life) => {
      const { metadata } = life.at(at) ?? {}
      const isOwner = metadata?.ownerReferences.some((one) => one.kind === kind && one.name === name) ?? false
      return isOwner && metadata?.deletionTimestamp !== undefined
    })
}

/** A rollout waits while a pod is not Ready; otherwise a controller has to create or remove one, or to report it. */
function rolloutWork(recording: Recording, { life, completed, from, until }: Rollout): Work {
  const pods = podsOwnedBy(recording, new Set(setsOf(recording, life.uid).map(({ uid }) => uid)))
  const times = podCounts(pods).map(({ at }) => at)
  const changes = [from, ...life.versions.map(({ at }) => at), ...times].filter((at) => from <= at && at < until)
  const waits = (at: number): boolean =>
    pods.some((pod) => {
      const object = pod.at(at)
      return object !== undefined && isActive(object) && !isAvailable(object)
    })
  const inOrder = [...new Set(changes), until].sort((a, b) => a - b)
  const due = inOrder.flatMap((at, n): Interval[] => {
    const next = inOrder[n + 1]
    return next === undefined || waits(at) ? [] : [{ from: at, until: next }]
  })
  const what = `the rollout of ${life.namespace}/${life.name}`
  return { what, due, done: completed !== undefined, surplus: 0, records: life.versions.slice(-1).map(recordOf) }
}
