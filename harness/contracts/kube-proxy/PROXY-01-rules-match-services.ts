import { type Finding, defineContract } from '../../judge/contract.ts'
import { snapshotTimes } from '../../judge/coverage/coverage.ts'
import { during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Difference } from '../../judge/kube-proxy/rules/compare.ts'
import { differenceWords } from '../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/scene.ts'
import { counted, duration, listed } from '../../judge/verdict/words.ts'
import { rulesFollow } from '../bounds.ts'
import { metOnTheWire, wrongOnTheWire } from './traffic/on-the-wire.ts'
import { type MachineLook, judgedLooks, proxyScene, reference } from './scene.ts'

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
    `No state of the Services required these rules: ${differenceWords(wrong)}, since between ${duration(wrong.unseenMs)} and ${duration(wrong.seenMs)} after the scenario's start.`,
  RULES_NOT_FOLLOWED: (old: Old) =>
    `The rules in the last snapshot were ${duration(old.oldMs)} old: ${differenceWords(old)}.`,
  RULES_LATE: (old: Old) => `The rules were ${duration(old.oldMs)} old: ${differenceWords(old)}.`,
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

export const rulesMatchServices = defineContract<MachineLook>({
  id: 'PROXY-01',
  area: 'kube-proxy',
  promise: 'The kube-proxy rules of every Node implement the current Services and EndpointSlices.',
  reference,
  stimulus: { needs: "a look at a Node's rules", find: judgedLooks },
  judge(recording, looks) {
    const bound = rulesFollow(recording)
    const broken = firstBreach(
      () => {
        const worst = oldest(lagsOf(recording, looks))
        return worst && worst.oldMs > bound.limit ? wrongRules(recording, worst) : undefined
      },
      () => wrongOnTheWire(recording),
    )
    if (broken) return broken
    const worst = oldest(lagsOf(recording, looks))
    const met = metOnTheWire(recording)
    needLooks(recording, looks)
    const nodes = new Set(looks.map(({ machine }) => machine)).size
    const oldestMs = worst?.oldMs ?? 0
    return found.pass(
      'RULES_FOLLOW',
      { nodes, looks: looks.length, oldestMs, ...met },
      {
        observed: `${counted(looks.length, 'rule snapshot')}, none older than ${duration(oldestMs)}`,
        measured: oldestMs,
        bound,
        moments: worst ? [{ at: worst.look.at, label: 'the oldest rules' }] : [],
        evidence: worst ? [worst.look.record] : [],
      },
    )
  },
})

interface Lagging {
  readonly look: MachineLook
  readonly difference: Difference
  /** Infinity for rules that no state required. */
  readonly oldMs: number
}

function lagsOf(recording: Recording, looks: readonly MachineLook[]): Lagging[] {
  const { looksOf } = proxyScene(recording)
  return looks.flatMap((look) =>
    (looksOf.get(look.machine)?.lags(look) ?? []).map(({ difference, oldMs = Infinity }) => ({
      look,
      difference,
      oldMs,
    })),
  )
}

/** The first of the oldest differences. */
function oldest(lags: readonly Lagging[]): Lagging | undefined {
  return lags.find(({ oldMs }) => lags.every((other) => other.oldMs <= oldMs))
}

function wrongRules(recording: Recording, { look, difference, oldMs }: Lagging): Finding {
  const { machine, record } = look
  const details = {
    observed: `wrong rules on ${machine}`,
    moments: [{ at: look.at, label: `wrong rules on ${machine}` }],
    evidence: [record],
  }
  const seen = proxyScene(recording).looksOf.get(machine)
  if (oldMs === Infinity) {
    const { first = look.at, notAt } = seen?.seenSince(look, difference) ?? {}
    const { from } = span(recording)
    const after = (at: number): number => Math.max(0, at - from)
    const since = { seenMs: after(first), unseenMs: after(notAt ?? from) }
    return found.fail('RULES_NEVER_ASKED', { ...difference, ...since }, details)
  }
  const timed = { ...details, measured: oldMs, bound: rulesFollow(recording) }
  const came = seen?.goneAfter(look, difference) ?? false
  return came
    ? found.late('RULES_LATE', { ...difference, oldMs }, timed)
    : found.fail('RULES_NOT_FOLLOWED', { ...difference, oldMs }, timed)
}

/** @throws InconclusiveError where the rules of a Node that had to follow were never read, or not read beside a fault */
function needLooks(recording: Recording, looks: readonly MachineLook[]): void {
  const { machines, looksOf, excused } = proxyScene(recording)
  const unread = machines
    .map(({ name }) => name)
    .filter((name) => looksOf.get(name)?.looks.length === 0 && looks.some(({ at }) => !excused(name, at)))
  if (unread.length > 0) throw new InconclusiveError(`No rules of ${listed(unread)} were read.`, 'NOT_READ')
  for (const { name } of machines) {
    const own = looksOf.get(name)?.looks ?? []
    const skipped = snapshotTimes(recording, name).find(
      (time) => !excused(name, time.from) && !excused(name, time.until) && !own.some(({ at }) => during(time, at)),
    )
    if (skipped) throw new InconclusiveError(`The rules of ${name} were not read beside a fault.`, 'NOT_READ')
  }
}
