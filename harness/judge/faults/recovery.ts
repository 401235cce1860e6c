import type { RecordOf } from '../../record/records.ts'
import { detected, lostLeads, undetected } from './detection.ts'
import { during, faultWindows, type FaultWindow, type Interval } from './fault-windows.ts'
import { hasCondition, objects } from '../recording/kubernetes-objects.ts'
import { probeOf } from '../coverage/probe-gaps.ts'
import type { Recording } from '../recording/recording.ts'
import { span } from '../recording/cluster-facts.ts'
import { endpointStates, readyPods } from '../cluster/service-endpoints.ts'

/** The steps of a recovery, in their usual order. */
export const phaseNames = [
  'detected',
  'elected',
  'evicted',
  'scheduled',
  'ready',
  'endpoint published',
  'endpoint programmed',
  'first good answer',
  'last bad answer',
] as const

export type PhaseName = (typeof phaseNames)[number]

/** One observed step. `afterMs` counts from the first possible effect of the fault. */
export interface Phase {
  readonly name: PhaseName
  readonly at: number
  readonly afterMs: number
  /** The fact in the journal that shows it. */
  readonly fact: string
}

/** One step without a fact, and the reason. */
export interface Unseen {
  readonly name: PhaseName
  readonly reason: string
}

export interface Recovery {
  readonly fault: string
  readonly window: FaultWindow
  /** The observed steps, in the order in which they happened. */
  readonly phases: readonly Phase[]
  /** The steps without a fact, in the order of the steps. */
  readonly unseen: readonly Unseen[]
}

/** The recovery from each fault of a scenario, until the next fault or the scenario's end. */
export function recoveries(recording: Recording): Recovery[] {
  const windows = faultWindows(recording)
  return windows.map((window, n) => {
    const next = windows.slice(n + 1).find(({ intentAt }) => intentAt > window.from)
    const within = { from: window.intentAt, until: next?.intentAt ?? span(recording).until }
    const noticed = detected(recording, window, within)
    const found = [
      noticed && { name: 'detected' as const, ...noticed },
      elected(recording, window, within),
      ...replaced(recording, window, within),
      ...answered(recording, within),
    ]
    const phases = found
      .filter((phase) => phase !== undefined)
      .map((phase): Phase => ({ ...phase, afterMs: phase.at - window.intentAt }))
      .sort((a, b) => a.at - b.at)
    const unseen = phaseNames
      .filter((name) => !phases.some((phase) => phase.name === name))
      .map((name) => ({ name, reason: whyUnseen(recording, window, within, name) }))
    return { fault: window.description, window, phases, unseen }
  })
}

type Found = Omit<Phase, 'afterMs'> | undefined

/** A new leader, where the former one was on a machine that was hit: another one, or the same after its return. */
function elected(recording: Recording, window: FaultWindow, within: Interval): Found {
  const { target, intentAt } = window
  for (const { lease, tenures } of lostLeads(recording, window)) {
    const next = tenures.find(({ from }) => from > intentAt && during(within, from))
    if (next) return { name: 'elected', at: next.from, fact: `${next.machine} held the lease ${lease}` }
  }
  return target.component === undefined || target.component === 'etcd'
    ? electedByMembers(recording, window, within)
    : undefined
}

/**
 * A member that was hit may have been the leader or part of the quorum: in either case a leader of a later term
 * follows.
 */
function electedByMembers(recording: Recording, { target, intentAt }: FaultWindow, within: Interval): Found {
  const reported = recording.of('etcd')
  if (!reported.some(({ member }) => target.machines.includes(member))) return undefined
  const withLeader = reported.filter(({ leader, term }) => leader && term !== undefined)
  const before = withLeader.findLast(({ at }) => at <= intentAt)?.term
  const next = withLeader.find(({ at, term = 0 }) => during(within, at) && before !== undefined && term > before)
  return next && { name: 'elected', at: next.at, fact: `${next.member} followed ${next.leader} as etcd's leader` }
}

/** Pods that were deleted because of the fault, and the first new pods. */
function replaced(recording: Recording, { target }: FaultWindow, within: Interval): Found[] {
  const hit = new Set(target.machines)
  const pods = objects(recording, 'pods').lives
  const evicted = pods
    .flatMap(({ name, versions }) => {
      const first = versions.find(
        ({ at, object }) =>
          during(within, at) && hit.has(object.spec.nodeName ?? '') && object.metadata.deletionTimestamp,
      )
      return first ? [{ at: first.at, name }] : []
    })
    .sort((a, b) => a.at - b.at)[0]
  const fresh = pods.filter(({ bornAt, listed }) => !listed && during(within, bornAt))
  const scheduled = earliest(
    fresh.map((pod) => ({ pod, version: pod.first((object) => Boolean(object.spec.nodeName)) })),
    within,
  )
  const ready = earliest(
    fresh.map((pod) => ({ pod, version: pod.first((object) => hasCondition(object, 'Ready', 'True')) })),
    within,
  )
  return [
    evicted && { name: 'evicted', at: evicted.at, fact: `the deletion of pod ${evicted.name} was requested` },
    scheduled && { name: 'scheduled', at: scheduled.at, fact: `pod ${scheduled.name} had a Node` },
    ready && { name: 'ready', at: ready.at, fact: `pod ${ready.name} was reported Ready` },
    ...published(recording, new Set(fresh.map(({ name }) => name)), within),
  ]
}

function earliest(
  found: readonly { readonly pod: { readonly name: string }; readonly version: { readonly at: number } | undefined }[],
  within: Interval,
): { readonly at: number; readonly name: string } | undefined {
  return found
    .flatMap(({ pod, version }) => (version && during(within, version.at) ? [{ at: version.at, name: pod.name }] : []))
    .sort((a, b) => a.at - b.at)[0]
}

/** A slice lists a new pod as ready; the pod has answered, so the rules of some kernel lead to it. */
function published(recording: Recording, fresh: ReadonlySet<string>, within: Interval): Found[] {
  const attempts = recording.of('attempt')
  const services = [...new Set(attempts.map(({ service }) => service))]
  const slices = services
    .flatMap((service) => endpointStates(recording, service))
    .filter(({ at, endpoints }) => during(within, at) && readyPods(endpoints).some((pod) => fresh.has(pod)))
    .sort((a, b) => a.at - b.at)[0]
  const answer = attempts.find(({ ok, endedAt, backend = '' }) => ok && during(within, endedAt) && fresh.has(backend))
  return [
    slices && { name: 'endpoint published', at: slices.at, fact: 'a slice listed a new pod as ready' },
    answer && { name: 'endpoint programmed', at: answer.endedAt, fact: `${answer.backend} answered ${answer.from}` },
  ]
}

/** Where probes failed: their last failure, and the first answer of a probe that had failed. */
function answered(recording: Recording, within: Interval): Found[] {
  const attempts = answerable(recording).filter(({ at }) => during(within, at))
  const failed = new Set<string>()
  let good: RecordOf<'attempt'> | undefined
  let bad: RecordOf<'attempt'> | undefined
  for (const attempt of attempts) {
    if (!attempt.ok) {
      failed.add(key(attempt))
      bad = attempt
    } else if (failed.has(key(attempt))) good ??= attempt
  }
  return [
    good && { name: 'first good answer', at: good.at, fact: `${good.from} was answered again over ${good.protocol}` },
    bad && { name: 'last bad answer', at: bad.at, fact: `${bad.from}: ${bad.error ?? 'no answer'}` },
  ]
}

const key = (attempt: RecordOf<'attempt'>): string => `${attempt.service} ${probeOf(attempt)}`

/** Without failures before a probe's first answer: possibly no answer was due, so nothing was lost. */
function answerable(recording: Recording): RecordOf<'attempt'>[] {
  const answered = new Set<string>()
  return recording.of('attempt').filter((attempt) => {
    if (attempt.ok) answered.add(key(attempt))
    return answered.has(key(attempt))
  })
}

/** Why a step has no fact: the fault does not need the step, or the recovery is incomplete. */
function whyUnseen(recording: Recording, window: FaultWindow, within: Interval, name: PhaseName): string {
  if (name === 'detected') return undetected(recording, window)
  if (name !== 'first good answer' && name !== 'last bad answer') return reasons[name]
  const attempts = answerable(recording).filter(({ at }) => during(within, at))
  if (!recording.of('attempt').some(({ at }) => during(within, at))) return 'nothing was probed'
  return attempts.every(({ ok }) => ok) ? 'no probe failed' : 'no probe that failed was answered again'
}

const reasons = {
  elected: 'no new leader: no leader was hit, or no successor was observed until the next fault',
  evicted: 'the deletion of no pod on the target was requested',
  scheduled: 'no new pod got a Node',
  ready: 'no new pod became ready',
  'endpoint published': 'no slice listed a new pod as ready',
  'endpoint programmed': 'no probe was answered by a new pod',
} as const
