import { type Finding, defineContract } from '../../judge/contract.ts'
import { type FaultWindow, faultWindows } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { RuleSnapshot } from '../../judge/kube-proxy/rule-snapshots.ts'
import { nextChange } from '../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines, span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { rulesRepair } from '../bounds.ts'
import { served } from '../live-settings.ts'
import { disturbedAgain } from './disturbances.ts'
import { proxyFacts, reference } from './proxy-facts.ts'

interface Removal {
  readonly machine: string
  readonly window: FaultWindow
  /** When kube-proxy first had a reason to check its rules. */
  readonly since: number
  /** The first snapshot with complete rules again, or the last one without. */
  readonly snapshot: RuleSnapshot
  readonly left: number
}

interface Repaired {
  readonly machine: string
  readonly afterMs: number
  /**
   * Whether the time counts from the first change of a Service after the removal, because kube-proxy checks only when
   * it writes.
   */
  readonly sinceChange: boolean
}

const since = ({ sinceChange }: Repaired): string =>
  sinceChange ? 'the first change after all of them were removed' : 'all of them were removed'

const found = findings({
  RULES_NOT_REPAIRED: ({ machine, forMs, left }: { machine: string; forMs: number; left: number }) =>
    `kube-proxy did not write the rules of ${machine} again within ${duration(forMs)} (${counted(left, 'difference')} left).`,
  RULES_REPAIRED: (values: Repaired) =>
    `The rules of ${values.machine} were complete again ${duration(values.afterMs)} after ${since(values)}.`,
  RULES_REPAIRED_LATE: (values: Repaired) =>
    `The rules of ${values.machine} were complete again ${duration(values.afterMs)} after ${since(values)}, later than the bound.`,
})

export const repair = defineContract<Removal>({
  id: 'PROXY-05',
  area: 'kube-proxy',
  promise: 'kube-proxy detects that another process removed its rules, and writes them again.',
  reference,
  stimulus: {
    needs: 'a Node without kube-proxy rules for longer than kube-proxy takes to detect that',
    find: removals,
  },
  judge: (recording, all) => gravest(all, (removal) => judgeRemoval(recording, removal)),
})

const isNft = (recording: Recording): boolean => served(recording, 'kube-proxy', 'mode') === 'nftables'

/** kube-proxy detects that all of its rules are gone, not that a single one is. */
function removals(recording: Recording): Removal[] {
  const windows = faultWindows(recording).filter(({ fault }) => fault === 'flush-proxy')
  if (windows.length === 0 || recording.of('rules').length === 0) return []
  const nodes = nodeMachines(recording)
  return windows.flatMap((window) =>
    window.target.machines
      .filter((machine) => nodes.includes(machine))
      .flatMap((machine) => removalOn(recording, window, machine) ?? []),
  )
}

/** Undefined where no snapshot shows the removal, or the fault was reverted while kube-proxy had time left. */
function removalOn(recording: Recording, window: FaultWindow, machine: string): Removal | undefined {
  const { snapshotsOf, isKnown } = proxyFacts(recording)
  const rules = snapshotsOf.get(machine)
  const noticed = noticeable(recording, window.from)
  // Rules that are complete only after the fault was reverted, or after another fault, were not repaired by kube-proxy.
  const until = Math.min(window.until, disturbedAgain(recording, machine, window), span(recording).until)
  if (!rules || noticed === undefined || !isKnown({ from: window.from, until })) return undefined
  const after = rules.snapshots.filter(({ at }) => at >= window.from && at <= until)
  const left = (snapshot: RuleSnapshot): number => rules.differences(snapshot).length
  const gone = after.findIndex((snapshot) => left(snapshot) > 0)
  if (gone < 0) return undefined
  const snapshot = after.slice(gone).find((one) => left(one) === 0) ?? after.at(-1)
  if (!snapshot || (left(snapshot) > 0 && snapshot.at - noticed <= rulesRepair(recording).limit)) return undefined
  return { machine, window, since: noticed, snapshot, left: left(snapshot) }
}

/**
 * When kube-proxy first has a reason to check. In mode iptables it checks once in its sync period. In mode nftables it
 * finds out when it has something to write and can't, and retries once in its sync period. Undefined where it had
 * nothing to write.
 */
function noticeable(recording: Recording, from: number): number | undefined {
  return isNft(recording) ? nextChange(recording, from)?.at : from
}

function judgeRemoval(recording: Recording, { machine, window, since: from, snapshot, left }: Removal): Finding {
  const bound = rulesRepair(recording)
  const fault = window.description
  const evidence = [snapshot.record]
  const afterMs = Math.max(0, snapshot.at - from)
  if (left > 0) {
    const observed = `none in ${duration(afterMs)}`
    return found.fail('RULES_NOT_REPAIRED', { machine, forMs: afterMs, left }, { observed, bound, fault, evidence })
  }
  return found.timed(
    { pass: 'RULES_REPAIRED', late: 'RULES_REPAIRED_LATE' },
    { machine, afterMs, sinceChange: isNft(recording) },
    afterMs,
    bound,
    {
      observed: duration(afterMs),
      fault,
      moments: [{ at: snapshot.at, label: `rules of ${machine} complete again` }],
      evidence,
    },
  )
}
