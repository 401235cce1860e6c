import { requireProbed } from '../../judge/coverage/probe-coverage.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import type { FaultWindow } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { RuleSnapshot } from '../../judge/kube-proxy/rule-snapshots.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { proxyRestart, rulesFollow } from '../bounds.ts'
import { disturbedAgain } from './disturbances.ts'
import { type Cut, attemptsToKept, cutByRules } from './traffic/kept-services.ts'
import { outages, proxyFacts, reference } from './proxy-facts.ts'

/** Fewer connections might miss a gap of a second. */
const leastAttempts = 10

interface Restart {
  readonly machine: string
  readonly window: FaultWindow
  /** When kube-proxy was started again. */
  readonly at: number
  /** The first snapshot with up-to-date rules, or the last one without. */
  readonly snapshot: RuleSnapshot
  readonly left: number
  readonly attempts: readonly RecordOf<'attempt'>[]
}

interface Current {
  readonly machine: string
  readonly afterMs: number
  readonly connections: number
}

const found = findings({
  RULES_STAY_OLD: ({ machine, forMs, left }: { machine: string; forMs: number; left: number }) =>
    `The rules of ${machine} were not up to date ${duration(forMs)} after its kube-proxy was started again (${counted(left, 'difference')} left).`,
  CONNECTION_FAILED: ({ machine, service, protocol, error, failed }: Cut) =>
    `${counted(failed, 'connection')} from ${machine} failed while its kube-proxy was started again, the first to ${service} over ${protocol} (${error}).`,
  RULES_CURRENT: ({ machine, afterMs, connections }: Current) =>
    `The rules of ${machine} were up to date ${duration(afterMs)} after its kube-proxy ran again, and none of ${counted(connections, 'attempt')} over new and open connections failed.`,
  RULES_CURRENT_LATE: ({ machine, afterMs }: Current) =>
    `The rules of ${machine} were up to date ${duration(afterMs)} after its kube-proxy ran again, later than the bound.`,
})

export const restart = defineContract<Restart>({
  id: 'PROXY-04',
  area: 'kube-proxy',
  promise: 'A restarted kube-proxy updates its rules, and neither new nor established connections fail meanwhile.',
  reference,
  stimulus: {
    needs: 'a kube-proxy that is started again on a Node that uses Services, and a snapshot of its rules afterwards',
    find: restarts,
  },
  judge: (recording, all) => gravest(all, (one) => judgeRestart(recording, one)),
})

function restarts(recording: Recording): Restart[] {
  const ended = outages(recording, { frozen: false }).filter(({ until, restarted }) => restarted || until < Infinity)
  if (ended.length === 0 || recording.of('rules').length === 0) return []
  const { snapshotsOf, isKnown } = proxyFacts(recording)
  const bound = proxyRestart(recording)
  const { limit } = rulesFollow(recording)
  return ended.flatMap(({ machine, ...window }) => {
    const at = window.restarted ? window.from : window.until
    // From the next fault on, differences are the effect of that fault.
    const until = Math.min(disturbedAgain(recording, machine, window), span(recording).until)
    const rules = snapshotsOf.get(machine)
    const snapshots = (rules?.snapshots ?? []).filter(
      (one) => one.at >= at && one.at < until && isKnown({ from: at, until: one.at }),
    )
    const left = (one: RuleSnapshot): number => rules?.differences(one).length ?? 0
    const snapshot = snapshots.find((one) => left(one) === 0) ?? snapshots.at(-1)
    if (!snapshot || (left(snapshot) > 0 && snapshot.at - at <= bound.limit)) return []
    const since = { from: window.intentAt - limit, until: snapshot.at }
    const attempts = attemptsToKept(recording, machine, since, { from: window.intentAt, until: snapshot.at }, window)
    return attempts.length < leastAttempts ? [] : [{ machine, window, at, snapshot, left: left(snapshot), attempts }]
  })
}

function judgeRestart(recording: Recording, { machine, window, at, snapshot, left, attempts }: Restart): Finding {
  const bound = proxyRestart(recording)
  const afterMs = snapshot.at - at
  const fault = window.description
  if (left > 0) {
    return found.fail(
      'RULES_STAY_OLD',
      { machine, forMs: afterMs, left },
      { observed: 'rules stay old', bound, fault, evidence: [snapshot.record] },
    )
  }
  const cut = cutByRules(recording, machine, attempts)
  if (cut) return found.fail('CONNECTION_FAILED', { ...cut.values }, { ...cut.details, fault })
  requireProbed(recording, { from: window.intentAt, until: snapshot.at }, machine)
  return found.timed(
    { pass: 'RULES_CURRENT', late: 'RULES_CURRENT_LATE' },
    { machine, afterMs, connections: attempts.length },
    afterMs,
    bound,
    {
      observed: `${duration(afterMs)}, none of ${counted(attempts.length, 'connection')} failed`,
      fault,
      moments: [{ at: snapshot.at, label: `rules of ${machine} up to date` }],
      evidence: [snapshot.record],
    },
  )
}
