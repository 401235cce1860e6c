import { contractById, contracts as catalogue } from '../contracts/catalogue.ts'
import { knownDeviations } from '../contracts/known-deviations.ts'
import { HoldfastError } from '../errors.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Contract, Finding } from './contract.ts'
import { faultWindows } from './fault-windows.ts'
import { type Recording, recordings } from './recording.ts'
import { type KnownDeviation, orKnown } from './known.ts'
import { distrust } from './trust.ts'
import { Undecided } from './undecided.ts'
import type { Bound, Verdict } from './verdict.ts'

export interface JudgeOptions {
  /** Ids of the contracts to judge. Default: see `judge`. */
  readonly contracts?: readonly string[]
  /** Where contracts come from. Default: the project's catalogue. */
  readonly catalogue?: readonly Contract[]
  /** What distributions do differently on purpose. Default: the project's list. */
  readonly deviations?: readonly KnownDeviation[]
}

/**
 * Judges a journal: one verdict for each contract and each scenario recorded that can decide it. A contract that is
 * asked for and that no recording can decide gets one verdict, `inconclusive`. Without `contracts`, all those are asked for
 * that name a scenario which was planned; of a journal that does not tell, one that was recorded, or the whole catalogue
 * if the rig failed.
 * @throws HoldfastError HF_UNKNOWN_CONTRACT, HF_JUDGED_TOO_FEW
 */
export function judge(journal: Iterable<JournalRecord>, options: JudgeOptions = {}): Verdict[] {
  const records = [...journal]
  const recorded = recordings(records)
  const { deviations = knownDeviations } = options
  const decides = decider(records)
  const asked = options.contracts
    ? options.contracts.map((id) => contractById(id, options.catalogue))
    : askedByDefault(options.catalogue ?? catalogue, records, recorded, decides)
  const verdicts = asked.flatMap((contract) => {
    const own = recorded.filter(({ scenario }) => decides(scenario, contract))
    return own.length > 0 ? own.map((recording) => verdictOn(contract, recording, deviations)) : [unrecorded(contract)]
  })
  const judged = new Set(verdicts.map(({ contract }) => contract))
  if (judged.size !== new Set(asked).size) {
    throw new HoldfastError('HF_JUDGED_TOO_FEW', `${asked.length} contracts were listed and ${judged.size} judged.`, {
      hint: 'Look for two contracts with one id.',
    })
  }
  return verdicts
}

type Decides = (scenario: string, contract: Contract) => boolean

/** A contract names the project's scenarios that can decide it; a scenario of somebody's own names its contracts, in the run's record. */
function decider(records: readonly JournalRecord[]): Decides {
  const own = new Map(Object.entries(records.find((record) => record.kind === 'run')?.contracts ?? {}))
  return (scenario, { id, scenarios }) => scenarios.includes(scenario) || (own.get(scenario)?.includes(id) ?? false)
}

function askedByDefault(
  all: readonly Contract[],
  records: readonly JournalRecord[],
  recorded: readonly Recording[],
  decides: Decides,
): readonly Contract[] {
  const planned = records.find((record) => record.kind === 'run')?.scenarios
  // What was to be played and was not has to be seen missing, not to vanish.
  if (planned) return all.filter((contract) => planned.some((name) => decides(name, contract)))
  if (recorded.length === 0 || records.some(({ kind }) => kind === 'rig')) return all
  return all.filter((contract) => recorded.some(({ scenario }) => decides(scenario, contract)))
}

function verdictOn(contract: Contract, recording: Recording, deviations: readonly KnownDeviation[]): Verdict {
  const {
    fault = faultsOf(recording),
    moments = [],
    ...finding
  } = distrustOr(recording, () => orKnown(contract.judge(recording), contract.id, recording, deviations))
  const margin = marginOf(finding)
  return {
    ...wordsOf(contract),
    scenario: recording.scenario,
    fault,
    ...finding,
    ...(margin === undefined ? {} : { margin }),
    moments,
  }
}

function distrustOr(recording: Recording, findOut: () => Finding): Finding {
  const doubt = distrust(recording)
  if (doubt) return { ...doubt, observed: 'not judged' }
  try {
    return findOut()
  } catch (error) {
    const reason =
      error instanceof Undecided
        ? error.message
        : `The judge broke: ${error instanceof Error ? error.message : String(error)}`
    return { status: 'inconclusive', observed: 'not decided', reason }
  }
}

function unrecorded(contract: Contract): Verdict {
  return {
    ...wordsOf(contract),
    scenario: contract.scenarios.join(', '),
    fault: '',
    status: 'inconclusive',
    observed: 'nothing recorded',
    reason: `No recording can decide it; one of ${contract.scenarios.join(', ')} would.`,
    moments: [],
  }
}

function wordsOf({ id, promise, reference }: Contract): Pick<Verdict, 'contract' | 'promise' | 'reference'> {
  return { contract: id, promise, reference }
}

function faultsOf(recording: Recording): string {
  return faultWindows(recording)
    .map(({ words }) => words)
    .join('; ')
}

/** How much of a bound was left, as a share of it: durations may not be longer, p-values not smaller. */
function marginOf({ bound, measured }: { bound?: Bound; measured?: number }): number | undefined {
  if (!bound || measured === undefined || bound.limit === 0) return undefined
  if (bound.unit === 'ms') return (bound.limit - measured) / bound.limit
  return bound.unit === 'p-value' ? (measured - bound.limit) / bound.limit : undefined
}
