import type { JournalRecord } from '../record/records.ts'
import type { Drawing } from './history/draw.ts'
import type { Recording } from './recording/recording.ts'
import type { Bound, FindingValues, Status } from './verdict/verdict.ts'

/** The result of one judge; the catalogue adds the contract's id, promise and reference. */
export interface Finding {
  readonly status: Status
  /** Stable code, such as `TAKEOVER_LATE`. */
  readonly code: string
  readonly values: FindingValues
  readonly observed: string
  readonly measured?: number
  readonly bound?: Bound
  readonly reason: string
  /** The fault in force as text. Default: every fault of the recording. */
  readonly fault?: string
  /** The smallest part of a history that still violates the rule, with one lane a client. */
  readonly drawing?: Drawing
  readonly moments?: readonly { readonly at: number; readonly label: string }[]
  /** Records of the journal on which the finding rests. */
  readonly evidence?: readonly JournalRecord[]
}

/** The condition under which a contract can be judged. */
export interface Stimulus<S> {
  /** A noun phrase for reports: "a drained Node". */
  readonly needs: string
  /** Every occurrence in a recording; empty means `not-exercised`. @throws InconclusiveError */
  readonly find: (recording: Recording) => readonly S[]
}

/** One documented promise, its stimulus, and the pure function that judges it. */
export interface ContractDefinition<S> {
  readonly id: string
  readonly area: string
  /** The documented behaviour in one sentence. */
  readonly promise: string
  /** The documentation's page. */
  readonly reference: string
  readonly stimulus: Stimulus<S>
  judge(recording: Recording, stimuli: readonly [S, ...S[]]): Finding
}

/** A contract as the judge uses it, with any type of stimulus. */
export interface Contract {
  readonly id: string
  readonly area: string
  readonly promise: string
  readonly reference: string
  /** What a recording must hold to exercise the contract: a noun phrase. */
  readonly needs: string
  isExercised(recording: Recording): boolean
  /** The finding, or undefined where the recording does not exercise the contract. @throws InconclusiveError */
  judge(recording: Recording): Finding | undefined
}

export function defineContract<S>(definition: ContractDefinition<S>): Contract {
  const { id, area, promise, reference, stimulus } = definition
  return {
    id,
    area,
    promise,
    reference,
    needs: stimulus.needs,
    isExercised: (recording) => stimulus.find(recording).length > 0,
    judge(recording) {
      const [first, ...more] = stimulus.find(recording)
      return first === undefined ? undefined : definition.judge(recording, [first, ...more])
    },
  }
}
