import { errorMessage } from '../common/error-message.mjs'
import { HoldfastError } from '../common/errors.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Contract, Finding } from './contract.ts'
import { faultWindows } from './faults/fault-windows.ts'
import { InconclusiveError } from './verdict/inconclusive.ts'
import { type KnownDeviation, orKnownDeviation } from './verdict/known.ts'
import { orHostNoise } from './coverage/late-host.ts'
import { linesOf, type Unresolved } from './verdict/lines.ts'
import { findingAfterLoss } from './recording/loss.ts'
import { inconclusive, notExercised, unprovenFault } from './verdict/not-judged.ts'
import { missingScenarios, type PlannedScenario } from './recording/plan.ts'
import { type Recording, recordings } from './recording/recording.ts'
import type { Bound, Verdict } from './verdict/verdict.ts'

export interface JudgeOptions {
  /** Every contract; each is judged on every recording. */
  readonly catalogue: readonly Contract[]
  /**
   * Ids of the contracts that the user requested: only these are judged, and `not-exercised` becomes `inconclusive`.
   */
  readonly contracts?: readonly string[]
  /** Known deviations of distributions. Default: none. */
  readonly deviations?: readonly KnownDeviation[]
}

/**
 * Judges a journal: one verdict for each contract on each recording. A contract without its stimulus in the recording
 * is `not-exercised`, or `inconclusive` where the scenario or the user requested it. A contract of a planned scenario
 * without a recording is `inconclusive`, and so is a verdict that a loss in the journal may have changed.
 * @throws HoldfastError HF_DUPLICATE_CONTRACT, HF_UNKNOWN_CONTRACT
 */
export function judge(journal: Iterable<JournalRecord>, options: JudgeOptions): Verdict[] {
  const records = [...journal]
  const judging = new Judging(records, options)
  const verdicts = judging.contracts.flatMap((contract) => judging.verdictsOn(contract))
  return linesOf(records, verdicts)
}

class Judging {
  readonly contracts: readonly Contract[]
  readonly #recorded: readonly Recording[]
  readonly #deviations: readonly KnownDeviation[]
  readonly #requested: boolean
  /** The contracts that each scenario is meant to decide. */
  readonly #meant: ReadonlyMap<string, ReadonlySet<string>>
  readonly #hasPlan: boolean
  readonly #missing: readonly PlannedScenario[]

  constructor(records: readonly JournalRecord[], options: JudgeOptions) {
    const run = records.find((record) => record.kind === 'run')
    this.contracts = chosenContracts(options)
    this.#recorded = recordings(records)
    this.#deviations = options.deviations ?? []
    this.#requested = options.contracts !== undefined
    this.#meant = new Map(Object.entries(run?.contracts ?? {}).map(([name, ids]) => [name, new Set(ids)]))
    this.#hasPlan = (run?.scenarios ?? []).length > 0
    this.#missing = missingScenarios(records)
  }

  verdictsOn(contract: Contract): Unresolved[] {
    const verdicts = this.#recorded.map((recording) => this.#verdict(contract, recording))
    const missing = this.#missing
      .filter(({ scenario }) => this.#isMeant(scenario, contract))
      .map((planned) => notRecorded(contract, planned))
    if (this.#recorded.length === 0 && missing.length === 0 && (this.#requested || !this.#hasPlan)) {
      return [notRecorded(contract, undefined)]
    }
    return [...verdicts, ...missing]
  }

  #repetitionOf(recording: Recording): number | undefined {
    const own = this.#recorded.filter(({ scenario }) => scenario === recording.scenario)
    return own.length > 1 ? own.indexOf(recording) + 1 : undefined
  }

  #isMeant(scenario: string, { id }: Contract): boolean {
    return this.#meant.get(scenario)?.has(id) ?? false
  }

  #verdict(contract: Contract, recording: Recording): Unresolved {
    const finding =
      recording.of('loss').length === 0
        ? this.#finding(contract, recording)
        : findingAfterLoss(recording, (part) => this.#finding(contract, part))
    const { fault = faultsOf(recording), moments = [], evidence = [], ...rest } = finding
    const margin = marginOf(finding)
    const repetition = this.#repetitionOf(recording)
    return {
      ...describedBy(contract),
      scenario: recording.scenario,
      ...(repetition === undefined ? {} : { repetition }),
      fault,
      ...rest,
      ...(margin === undefined ? {} : { margin }),
      moments,
      evidence: [...evidence, ...faultWindows(recording).flatMap(({ records }) => records)],
    }
  }

  #finding(contract: Contract, recording: Recording): Finding {
    try {
      const found = contract.judge(recording)
      if (found) return orHostNoise(orKnownDeviation(found, contract.id, recording, this.#deviations), recording)
      const expected = this.#requested || this.#isMeant(recording.scenario, contract)
      return unprovenFault(contract, recording) ?? notExercised(contract, recording, expected)
    } catch (error) {
      if (error instanceof InconclusiveError)
        return { ...inconclusive(error.code, error.message), values: error.values }
      return inconclusive('JUDGE_ERROR', `The judge threw an error: ${errorMessage(error)}`)
    }
  }
}

/** @throws HoldfastError HF_DUPLICATE_CONTRACT, HF_UNKNOWN_CONTRACT */
function chosenContracts({ catalogue, contracts }: JudgeOptions): readonly Contract[] {
  const byId = Map.groupBy(catalogue, ({ id }) => id)
  const twice = [...byId].find(([, own]) => own.length > 1)
  if (twice) {
    throw new HoldfastError('HF_DUPLICATE_CONTRACT', `The catalogue has ${twice[1].length} contracts "${twice[0]}".`, {
      hint: 'Give each contract a unique id.',
    })
  }
  return (contracts ?? [...byId.keys()]).map((id) => contractById(id, catalogue))
}

/** @throws HoldfastError HF_UNKNOWN_CONTRACT */
export function contractById(id: string, catalogue: readonly Contract[]): Contract {
  const found = catalogue.find((contract) => contract.id === id)
  if (found) return found
  throw new HoldfastError('HF_UNKNOWN_CONTRACT', `There is no contract "${id}".`, {
    hint: `Choose one of ${catalogue.map((contract) => contract.id).join(', ')}.`,
    exitCode: 64,
  })
}

function notRecorded(contract: Contract, planned: PlannedScenario | undefined): Unresolved {
  const { scenario, repetition } = planned ?? { scenario: '', repetition: 1 }
  const time = repetition > 1 ? ` (repetition ${repetition})` : ''
  const reason = planned ? `The scenario ${scenario} was not recorded${time}.` : 'The journal holds no recording.'
  return {
    ...describedBy(contract),
    scenario,
    fault: '',
    ...inconclusive('NOT_RECORDED', reason),
    ...(planned ? { values: { repetition } } : {}),
    observed: 'nothing recorded',
    moments: [],
    evidence: [],
  }
}

function describedBy({ id, promise, reference }: Contract): Pick<Verdict, 'contract' | 'promise' | 'reference'> {
  return { contract: id, promise, reference }
}

function faultsOf(recording: Recording): string {
  return faultWindows(recording)
    .map(({ description }) => description)
    .join('; ')
}

/** The remaining share of a bound: durations may not be longer, p-values not smaller. */
function marginOf({ bound, measured }: { bound?: Bound; measured?: number }): number | undefined {
  if (!bound || measured === undefined || bound.limit === 0) return undefined
  if (bound.unit === 'ms') return (bound.limit - measured) / bound.limit
  return bound.unit === 'p-value' ? (measured - bound.limit) / bound.limit : undefined
}
