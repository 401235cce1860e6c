import type { JournalRecord } from '../../record/records.ts'
import { type Binding, bindings, schedulerUser } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { hostDelay, hostFigures } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError, requireEvidence } from '../../judge/verdict/inconclusive.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import { type Tenure, tenures } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { takeover } from '../bounds.ts'
import { inFlightMs } from './in-flight.ts'
import { type LeaderLoss, leaderLosses, schedulerLease } from './leader-losses.ts'
import { secondInstance } from './second-instance.ts'

const found = findings({
  NO_LEASE: ({ bindings: count, issuers }: { readonly bindings: number; readonly issuers: readonly string[] }) =>
    `${counted(count, 'binding')} came from ${listed(issuers)}, and no Lease kube-system/${schedulerLease} names a leader.`,
  BOUND_WITHOUT_LEASE: ({ issuer, pod, holder, code, superseded }: ForeignBinding) =>
    `${issuer} requested to bind ${pod} while ${holder ? `${holder} held the Lease` : 'no instance held the Lease'}${superseded ? ', after its successor had begun to bind' : ''} (HTTP ${code}).`,
  TWO_LEADERS: ({ machine, holder }: { readonly machine: string; readonly holder: string }) =>
    `${machine} reported to lead while ${holder} held the Lease.`,
  NO_TAKEOVER: ({ afterMs, fault, standbys }: Missed) =>
    `No instance acquired the Lease within ${duration(afterMs)} of "${fault}", although ${listed(standbys)} could.`,
  TAKEOVER_IN_TIME: ({ to, bindings: count, afterMs }: Takeover) =>
    `${to} acquired the Lease after ${duration(afterMs)}, and all ${counted(count, 'binding request')} came from the holder of the Lease.`,
  TAKEOVER_LATE: ({ to, from, afterMs }: Takeover) =>
    `${to} took over from ${from} ${duration(afterMs)} after the fault.`,
  ONE_ACTIVE: ({ bindings: count }: { readonly bindings: number }) =>
    `All ${counted(count, 'binding request')} came from the holder of the Lease.`,
})

interface ForeignBinding {
  readonly issuer: string
  readonly pod: string
  /** Empty where no instance held the Lease. */
  readonly holder: string
  /** The API server's HTTP status. */
  readonly code: number
  readonly superseded: boolean
}

interface Missed {
  readonly afterMs: number
  readonly fault: string
  readonly standbys: readonly string[]
}

interface Takeover {
  readonly from: string
  readonly to: string
  readonly afterMs: number
  readonly bindings: number
}

export const singleActive = defineContract<Binding>({
  id: 'SCHED-14',
  area: 'scheduler',
  promise:
    'Only the scheduler that holds the Lease binds pods, and a standby takes over when the Lease of a lost holder expires.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/leases/',
  stimulus: { needs: 'a binding request of a scheduler', find: schedulerBindings },
  judge(recording, own) {
    const issuers = [...new Set(own.map(({ issuer }) => issuer ?? ''))]
    if (objects(recording, 'leases').named('kube-system', schedulerLease).length === 0) {
      requireWatched(recording, 'leases')
      return found.fail(
        'NO_LEASE',
        { bindings: own.length, issuers },
        { observed: `${counted(issuers.length, 'active instance')}, no Lease`, evidence: records(own) },
      )
    }
    const terms = tenures(recording, schedulerLease)
    const breach = firstBreach(
      () => withoutLease(recording, own, terms),
      () => secondInstance(recording, terms, own),
      () => falseLeader(recording, terms),
    )
    if (breach) return breach
    if (issuers.includes(''))
      throw new InconclusiveError('A binding came from an address outside the cluster.', 'FOREIGN_ADDRESS')
    const [first, ...more] = leaderLosses(recording)
    if (first) return gravest([first, ...more], (loss) => takeoverFinding(recording, own, terms, loss))
    return found.pass(
      'ONE_ACTIVE',
      { bindings: own.length },
      { observed: `1 active instance, ${counted(own.length, 'binding')}`, evidence: records(own) },
    )
  },
})

function schedulerBindings(recording: Recording): readonly Binding[] {
  const { from, until } = span(recording)
  return bindings(recording).filter(({ user, at }) => user === schedulerUser && from <= at && at <= until)
}

function records(own: readonly Binding[]): JournalRecord[] {
  return own.map(({ record }) => record)
}

/**
 * Assigns the bindings in the order of arrival to tenures of their machines, never to an earlier tenure than the
 * binding before: two instances that alternate within one change of leader do not fit.
 */
function withoutLease(recording: Recording, own: readonly Binding[], terms: readonly Tenure[]): Finding | undefined {
  let term = 0
  let doubt: InconclusiveError | undefined
  for (const binding of own) {
    // What came from outside of the cluster is of no known instance.
    if (binding.issuer === undefined) continue
    const fits = fitting(binding, terms, term, inFlightMs)
    if (fits >= 0) term = fits
    else {
      doubt ??= doubtOf(recording, binding, terms, term)
      if (!doubt) return foreignBinding(binding, terms, term)
    }
  }
  if (doubt) throw doubt
  for (const { at } of own) requireWatched(recording, 'leases', at - inFlightMs, at + inFlightMs)
  return undefined
}

/** The first tenure, not before `term`, in which a binding arrived, or within `slackMs` of it; -1 without one. */
function fitting({ at, issuer }: Binding, terms: readonly Tenure[], term: number, slackMs: number): number {
  return terms.findIndex(
    (one, index) => index >= term && one.machine === issuer && one.from - slackMs <= at && at <= one.until + slackMs,
  )
}

/** Why a binding that fits no tenure is no breach. */
function doubtOf(
  recording: Recording,
  binding: Binding,
  terms: readonly Tenure[],
  term: number,
): InconclusiveError | undefined {
  const { at, pod, issuer = '' } = binding
  const around = { from: at - inFlightMs, until: at + inFlightMs }
  try {
    requireWatched(recording, 'leases', around.from, around.until)
  } catch (error) {
    if (error instanceof InconclusiveError) return error
    throw error
  }
  if (at < requireEvidence(terms[0], 'The Lease was never held.').from - inFlightMs)
    return new InconclusiveError(`${pod} was bound before the watch of the Lease began.`)
  const slackMs = inFlightMs + hostDelay(recording, around)
  if (fitting(binding, terms, term, slackMs) < 0) return undefined
  const values = { finding: 'BOUND_WITHOUT_LEASE', issuer, pod, ...hostFigures(recording, around) }
  const reason = `${issuer} requested to bind ${pod} just outside of its tenure, and the host was late by as much.`
  return new InconclusiveError(reason, 'HOST_NOISE', values)
}

function foreignBinding(binding: Binding, terms: readonly Tenure[], term: number): Finding {
  const { issuer = '', pod, at, code, record } = binding
  const holder = terms.findLast(({ from, until }) => from <= at && at <= until)
  const superseded = terms.some(
    (one, index) => index < term && one.machine === issuer && one.from <= at && at <= one.until + inFlightMs,
  )
  return found.fail(
    'BOUND_WITHOUT_LEASE',
    { issuer, pod, holder: holder?.machine ?? '', code, superseded },
    {
      observed: `a binding by ${issuer} without the Lease`,
      moments: [{ at, label: `${issuer} binds without the Lease` }],
      evidence: [record],
    },
  )
}

/** An instance whose metrics report it as the leader while another instance certainly holds the Lease. */
function falseLeader(recording: Recording, terms: readonly Tenure[]): Finding | undefined {
  for (const record of recording.of('metrics')) {
    const { at, endedAt, machine, component, values } = record
    if (component !== schedulerLease) continue
    if (values[`leader_election_master_status{name="${schedulerLease}"}`] !== 1) continue
    const holder = terms.find((one) => one.from + inFlightMs <= at && endedAt <= one.until - inFlightMs)
    if (!holder || holder.machine === machine) continue
    return found.fail(
      'TWO_LEADERS',
      { machine, holder: holder.machine },
      {
        observed: 'two active instances',
        moments: [{ at, label: `${machine} reports that it leads` }],
        evidence: [record],
      },
    )
  }
  return undefined
}

function takeoverFinding(
  recording: Recording,
  own: readonly Binding[],
  terms: readonly Tenure[],
  loss: LeaderLoss,
): Finding {
  const bound = takeover(recording, schedulerLease)
  const { machine, from, ableUntil, standbys, led, window } = loss
  const fault = window.description
  requireWatched(recording, 'leases', from, Math.min(ableUntil, from + bound.limit))
  const next = terms.find((one) => one.from >= from && one.holder !== led.holder)
  if (!next || next.from > ableUntil) {
    const afterMs = ableUntil - from
    if (afterMs <= bound.limit)
      throw new InconclusiveError(`The time after "${fault}" is too short for a takeover.`, 'RECORDING_ENDS')
    return found.fail('NO_TAKEOVER', { afterMs, fault, standbys }, { observed: 'no takeover', bound, fault })
  }
  const afterMs = next.from - from
  return found.timed(
    { pass: 'TAKEOVER_IN_TIME', late: 'TAKEOVER_LATE' },
    { from: machine, to: next.machine, afterMs, bindings: own.length },
    afterMs,
    bound,
    {
      observed: `${next.machine} led ${duration(afterMs)} after ${machine} was hit`,
      fault,
      moments: [{ at: next.from, label: `${next.machine} holds the Lease` }],
    },
  )
}
