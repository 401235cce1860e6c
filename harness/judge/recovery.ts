import type { RecordOf } from '../record/records.ts'
import { detected, lostLeads, undetected } from './detection.ts'
import { during, faultWindows, type FaultWindow, type Interval } from './fault-windows.ts'
import { hasCondition, objects } from './kubernetes-objects.ts'
import { probeOf } from './probe-gaps.ts'
import type { Recording } from './recording.ts'
import { span } from './scene.ts'
import { endpointStates, readyPods } from './service-endpoints.ts'

/** The steps by which a cluster gets over a fault, in the order in which they usually come. */
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

/** One step that was seen. `afterMs` counts from the moment at which the fault may first have bitten. */
export interface Phase {
  readonly name: PhaseName
  readonly at: number
  readonly afterMs: number
  /** The fact in the journal that shows it. */
  readonly fact: string
}

/** One step of which there is no fact, and why. */
export interface Unseen {
  readonly name: PhaseName
  readonly reason: string
}

export interface Recovery {
  readonly fault: string
  readonly window: FaultWindow
  /** What was seen, in the order of its coming. */
  readonly phases: readonly Phase[]
  /** What was not, in the order of the steps. */
  readonly unseen: readonly Unseen[]
}

/** How each fault of a scenario was got over, until the next one or the scenario's end. */
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
    return { fault: window.words, window, phases, unseen }
  })
}

type Found = Omit<Phase, 'afterMs'> | undefined

/** Somebody leads anew, where one on a machine that was hit had led: another one, or the same after its return. */
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

/** A member that was hit may have been the leader, or one too many for a quorum: either way there is a leader of a later term. */
function electedByMembers(recording: Recording, { target, intentAt }: FaultWindow, within: Interval): Found {
  const told = recording.of('etcd')
  if (!told.some(({ member }) => target.machines.includes(member))) return undefined
  const said = told.filter(({ leader, term }) => leader && term !== undefined)
  const before = said.findLast(({ at }) => at <= intentAt)?.term
  const next = said.find(({ at, term = 0 }) => during(within, at) && before !== undefined && term > before)
  return next && { name: 'elected', at: next.at, fact: `${next.member} followed ${next.leader} as etcd's leader` }
}

/** Pods that went because of the fault, and the first one that came for them. */
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
    evicted && { name: 'evicted', at: evicted.at, fact: `pod ${evicted.name} was told to go` },
    scheduled && { name: 'scheduled', at: scheduled.at, fact: `pod ${scheduled.name} had a Node` },
    ready && { name: 'ready', at: ready.at, fact: `pod ${ready.name} was told Ready` },
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

/** A fresh pod stands in a slice as ready; and it has answered, so that some kernel's rules lead to it. */
function published(recording: Recording, fresh: ReadonlySet<string>, within: Interval): Found[] {
  const attempts = recording.of('attempt')
  const services = [...new Set(attempts.map(({ service }) => service))]
  const slices = services
    .flatMap((service) => endpointStates(recording, service))
    .filter(({ at, endpoints }) => during(within, at) && readyPods(endpoints).some((pod) => fresh.has(pod)))
    .sort((a, b) => a.at - b.at)[0]
  const answer = attempts.find(({ ok, endedAt, backend = '' }) => ok && during(within, endedAt) && fresh.has(backend))
  return [
    slices && { name: 'endpoint published', at: slices.at, fact: 'a slice told a fresh pod ready' },
    answer && { name: 'endpoint programmed', at: answer.endedAt, fact: `${answer.backend} answered ${answer.from}` },
  ]
}

/** Where probes failed: their last failure, and the first answer of one that had failed. */
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

/** Without what failed before its probe was ever answered: nobody may have to answer there, and nothing was lost. */
function answerable(recording: Recording): RecordOf<'attempt'>[] {
  const answered = new Set<string>()
  return recording.of('attempt').filter((attempt) => {
    if (attempt.ok) answered.add(key(attempt))
    return answered.has(key(attempt))
  })
}

/** Why there is no fact of a step: a fault that does not need it has none, nor has one that is not got over yet. */
function whyUnseen(recording: Recording, window: FaultWindow, within: Interval, name: PhaseName): string {
  if (name === 'detected') return undetected(recording, window)
  if (name !== 'first good answer' && name !== 'last bad answer') return reasons[name]
  const attempts = answerable(recording).filter(({ at }) => during(within, at))
  if (!recording.of('attempt').some(({ at }) => during(within, at))) return 'nothing was probed'
  return attempts.every(({ ok }) => ok) ? 'no probe failed' : 'no probe that failed was answered again'
}

const reasons = {
  elected: 'nobody led anew: no leader was hit, or none was followed until the next fault',
  evicted: 'no pod that was on what was hit was told to go',
  scheduled: 'no new pod got a Node',
  ready: 'no new pod got ready',
  'endpoint published': 'no slice told a new pod ready',
  'endpoint programmed': 'no probe was answered by a new pod',
} as const
