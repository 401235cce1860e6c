import { type Finding, defineContract } from '../../judge/contract.ts'
import { snapshotTimes } from '../../judge/coverage/required-records.ts'
import { during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Difference } from '../../judge/kube-proxy/rules/compare.ts'
import { formatDifference } from '../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { rulesFollow } from '../bounds.ts'
import { metOnTheWire, wrongOnTheWire } from './traffic/on-the-wire.ts'
import { type MachineSnapshot, judgedSnapshots, proxyFacts, reference } from './proxy-facts.ts'

interface Wrong extends Difference {
  /**
   * The first snapshot with the difference, and the last one before it without; milliseconds after the scenario's
   * start.
   */
  readonly seenMs: number
  readonly unseenMs: number
}

interface Old extends Difference {
  /** How long the rules had been out of date. */
  readonly oldMs: number
}

const found = findings({
  RULES_NEVER_ASKED: (wrong: Wrong) =>
    `No state of the Services required these rules: ${formatDifference(wrong)}, since between ${duration(wrong.unseenMs)} and ${duration(wrong.seenMs)} after the scenario's start.`,
  RULES_NOT_FOLLOWED: (old: Old) =>
    `The rules in the last snapshot were ${duration(old.oldMs)} old: ${formatDifference(old)}.`,
  RULES_LATE: (old: Old) => `The rules were ${duration(old.oldMs)} old: ${formatDifference(old)}.`,
  RULES_FOLLOW: ({ nodes, looks, oldestMs, packets, probes }: Followed) =>
    `${counted(looks, 'rule snapshot')} of ${counted(nodes, 'Node')} did what Services require, at most ${duration(oldestMs)} late; ${counted(packets, 'test packet')} and ${counted(probes, 'answered probe')} agree.`,
})

interface Followed {
  readonly nodes: number
  readonly looks: number
  readonly oldestMs: number
  readonly packets: number
  readonly probes: number
}

export const rulesMatchServices = defineContract<MachineSnapshot>({
  id: 'PROXY-01',
  area: 'kube-proxy',
  promise: 'The kube-proxy rules of every Node implement the current Services and EndpointSlices.',
  reference,
  stimulus: { needs: "a snapshot of a Node's rules", find: judgedSnapshots },
  judge(recording, snapshots) {
    const bound = rulesFollow(recording)
    const broken = firstBreach(
      () => {
        const worst = oldest(lagsOf(recording, snapshots))
        return worst && worst.oldMs > bound.limit ? wrongRules(recording, worst) : undefined
      },
      () => wrongOnTheWire(recording),
    )
    if (broken) return broken
    const worst = oldest(lagsOf(recording, snapshots))
    const met = metOnTheWire(recording)
    requireSnapshots(recording, snapshots)
    const nodes = new Set(snapshots.map(({ machine }) => machine)).size
    const oldestMs = worst?.oldMs ?? 0
    return found.pass(
      'RULES_FOLLOW',
      { nodes, looks: snapshots.length, oldestMs, ...met },
      {
        observed: `${counted(snapshots.length, 'rule snapshot')}, none older than ${duration(oldestMs)}`,
        measured: oldestMs,
        bound,
        moments: worst ? [{ at: worst.snapshot.at, label: 'the oldest rules' }] : [],
        evidence: worst ? [worst.snapshot.record] : [],
      },
    )
  },
})

interface Lagging {
  readonly snapshot: MachineSnapshot
  readonly difference: Difference
  /** Infinity for rules that no state required. */
  readonly oldMs: number
}

function lagsOf(recording: Recording, snapshots: readonly MachineSnapshot[]): Lagging[] {
  const { snapshotsOf } = proxyFacts(recording)
  return snapshots.flatMap((snapshot) =>
    (snapshotsOf.get(snapshot.machine)?.lags(snapshot) ?? []).map(({ difference, oldMs = Infinity }) => ({
      snapshot,
      difference,
      oldMs,
    })),
  )
}

/** The first of the oldest differences. */
function oldest(lags: readonly Lagging[]): Lagging | undefined {
  return lags.find(({ oldMs }) => lags.every((other) => other.oldMs <= oldMs))
}

function wrongRules(recording: Recording, { snapshot, difference, oldMs }: Lagging): Finding {
  const { machine, record } = snapshot
  const details = {
    observed: `wrong rules on ${machine}`,
    moments: [{ at: snapshot.at, label: `wrong rules on ${machine}` }],
    evidence: [record],
  }
  const seen = proxyFacts(recording).snapshotsOf.get(machine)
  if (oldMs === Infinity) {
    const { first = snapshot.at, notAt } = seen?.seenSince(snapshot, difference) ?? {}
    const { from } = span(recording)
    const after = (at: number): number => Math.max(0, at - from)
    const since = { seenMs: after(first), unseenMs: after(notAt ?? from) }
    return found.fail('RULES_NEVER_ASKED', { ...difference, ...since }, details)
  }
  const timed = { ...details, measured: oldMs, bound: rulesFollow(recording) }
  const came = seen?.goneAfter(snapshot, difference) ?? false
  return came
    ? found.late('RULES_LATE', { ...difference, oldMs }, timed)
    : found.fail('RULES_NOT_FOLLOWED', { ...difference, oldMs }, timed)
}

/** @throws InconclusiveError where the rules of a Node that had to follow were never read, or not read beside a fault */
function requireSnapshots(recording: Recording, snapshots: readonly MachineSnapshot[]): void {
  const { machines, snapshotsOf, excused } = proxyFacts(recording)
  const unread = machines
    .map(({ name }) => name)
    .filter((name) => snapshotsOf.get(name)?.snapshots.length === 0 && snapshots.some(({ at }) => !excused(name, at)))
  if (unread.length > 0) throw new InconclusiveError(`No rules of ${listed(unread)} were read.`, 'NOT_READ')
  for (const { name } of machines) {
    const own = snapshotsOf.get(name)?.snapshots ?? []
    const skipped = snapshotTimes(recording, name).find(
      (time) => !excused(name, time.from) && !excused(name, time.until) && !own.some(({ at }) => during(time, at)),
    )
    if (skipped) throw new InconclusiveError(`The rules of ${name} were not read beside a fault.`, 'NOT_READ')
  }
}
