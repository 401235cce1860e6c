import { type Binding, bindings, schedulerUser } from '../../judge/bindings.ts'
import type { Contract, Finding } from '../../judge/contract.ts'
import { failed, passed, timed } from '../../judge/finding.ts'
import { down, faultWindows } from '../../judge/fault-windows.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import { type Tenure, tenures } from '../../judge/lease-tenures.ts'
import type { Recording } from '../../judge/recording.ts'
import { named, span } from '../../judge/scene.ts'
import { Undecided, need, needSome } from '../../judge/undecided.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { takeover } from '../bounds.ts'

const lease = 'kube-scheduler'

/**
 * A binding's arrival at an API server and a Lease's arrival at the watch are seen on different ways: a new leader may
 * bind before the watch has told of it, and an old one's last request may arrive after. That much, either way, is no breach.
 */
const inFlightMs = 1_000

/** SCHED-14 */
export const singleActive: Contract = {
  id: 'SCHED-14',
  area: 'scheduler',
  promise:
    'Of several schedulers only the one that holds the Lease binds pods, and when it is gone another one takes over within the Lease.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/leases/',
  scenarios: ['worked-example', 'kill-scheduler', 'drain-node'],
  judge(recording) {
    const { from, until } = span(recording)
    const own = needSome(
      bindings(recording).filter(({ user, at }) => user === schedulerUser && from <= at && at <= until),
      'No scheduler bound anything, so nothing shows which one was active.',
    )
    const issuers = [...new Set(own.map(({ issuer }) => issuer ?? ''))]
    if (issuers.includes('')) throw new Undecided('A binding came from an address that is no machine of the cluster.')
    if (objects(recording, 'leases').named('kube-system', lease).length === 0) {
      needWatched(recording, 'leases')
      return failed(
        `${counted(own.length, 'binding')} came from ${listed(issuers)}, and no Lease kube-system/${lease} says who may.`,
        { observed: `${counted(issuers.length, 'active instance')}, no Lease` },
      )
    }
    const terms = tenures(recording, lease)
    const breach = firstBreach(recording, own, terms) ?? falseLeader(recording, terms)
    if (breach) return breach
    return takeoverFinding(recording, own, terms)
  },
}

/**
 * Walks through the bindings in the order of arrival and gives each to a tenure of its machine, never to an earlier one
 * than the binding before: two instances that take turns within one change of leader do not fit.
 */
function firstBreach(recording: Recording, own: readonly Binding[], terms: readonly Tenure[]): Finding | undefined {
  let term = 0
  for (const binding of own) {
    needWatched(recording, 'leases', binding.at - inFlightMs, binding.at + inFlightMs)
    const fits = terms.findIndex(
      (one, index) =>
        index >= term &&
        one.machine === binding.issuer &&
        one.from - inFlightMs <= binding.at &&
        binding.at <= one.until + inFlightMs,
    )
    if (fits >= 0) {
      term = fits
      continue
    }
    if (binding.at < need(terms[0], 'The Lease was never held.').from - inFlightMs) {
      throw new Undecided(`${binding.pod} was bound before the watch of the Lease began.`)
    }
    const holder = terms.findLast(({ from, until }) => from <= binding.at && binding.at <= until)
    const words = holder ? `${holder.machine} held the Lease` : 'nobody held the Lease'
    const turns = terms.some(
      ({ machine, from, until }, index) =>
        index < term && machine === binding.issuer && from <= binding.at && binding.at <= until + inFlightMs,
    )
    return failed(
      `${binding.issuer} asked to bind ${binding.pod} while ${words}${turns ? ', after its successor had begun to bind' : ''} (answered ${binding.code}).`,
      {
        observed: `a binding by ${binding.issuer} without the Lease`,
        moments: [{ at: binding.at, label: `${binding.issuer} binds without the Lease` }],
      },
    )
  }
  return undefined
}

/** An instance that takes itself for the leader, by its own metrics, while the Lease is surely another's. */
function falseLeader(recording: Recording, terms: readonly Tenure[]): Finding | undefined {
  for (const { at, endedAt, machine, component, values } of recording.of('metrics')) {
    if (component !== lease || values[`leader_election_master_status{name="${lease}"}`] !== 1) continue
    const holder = terms.find((one) => one.from + inFlightMs <= at && endedAt <= one.until - inFlightMs)
    if (!holder || holder.machine === machine) continue
    return failed(`${machine} told that it leads, while ${holder.machine} held the Lease.`, {
      observed: 'two active instances',
      moments: [{ at, label: `${machine} says that it leads` }],
    })
  }
  return undefined
}

interface Takeover {
  readonly fault: string
  readonly from: string
  readonly to: string
  readonly at: number
  readonly ms: number
}

function takeoverFinding(recording: Recording, own: readonly Binding[], terms: readonly Tenure[]): Finding {
  const bound = takeover(recording, lease)
  const end = span(recording).until
  const windows = faultWindows(recording)
  const schedulers = named(recording, 'control-plane')
  const downs = down(windows, lease, schedulers)
  const seen: Takeover[] = []
  for (const { machine, from, window } of downs) {
    const led = terms.findLast((one) => one.from <= from && from <= one.until)
    if (led?.machine !== machine) continue
    const standbys = schedulers.filter((name) => name !== machine)
    /** The time until which at least one other instance was there to take over. */
    const ableUntil = Math.max(
      ...standbys.map((name) =>
        Math.min(end, ...downs.filter((one) => one.machine === name && one.until > from).map((one) => one.from)),
      ),
    )
    if (ableUntil <= from) continue
    needWatched(recording, 'leases', from, Math.min(ableUntil, from + bound.limit))
    const next = terms.find((one) => one.from >= from && one.holder !== led.holder)
    if (next && next.from <= ableUntil) {
      seen.push({ fault: window.words, from: machine, to: next.machine, at: next.from, ms: next.from - from })
    } else if (ableUntil - from > bound.limit) {
      return failed(
        `${duration(ableUntil - from)} after ${window.words} nobody had taken over, though ${listed(standbys)} could.`,
        {
          observed: 'no takeover',
          bound,
          fault: window.words,
        },
      )
    } else throw new Undecided(`The time after "${window.words}" is too short to see a takeover.`)
  }
  const alone = `All of ${counted(own.length, 'binding request')} came from who held the Lease (${duration(inFlightMs)} allowed for what is in flight)`
  const slowest = seen.toSorted((a, b) => b.ms - a.ms)[0]
  if (!slowest) {
    if (downs.length > 0) throw new Undecided('No leading scheduler was hit while another one could take over.')
    return passed(`${alone}.`, { observed: `1 active instance, ${counted(own.length, 'binding')}` })
  }
  return timed(slowest.ms, bound, {
    observed: `${slowest.to} led ${duration(slowest.ms)} after ${slowest.from} was hit`,
    pass: `${alone}, and another instance took over in time.`,
    late: `${slowest.to} took over from ${slowest.from} only ${duration(slowest.ms)} after the fault.`,
    fault: slowest.fault,
    moments: [{ at: slowest.at, label: `${slowest.to} holds the Lease` }],
  })
}
