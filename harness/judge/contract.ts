import type { JournalRecord } from '../record/records.ts'
import type { Drawing } from './history/draw.ts'
import type { Recording } from './recording.ts'
import type { Bound, FindingValues, Status } from './verdict.ts'

/** The result of one judge; the catalogue adds the contract's own words. */
export interface Finding {
  readonly status: Status
  /** Stable code, such as `TAKEOVER_LATE`. */
  readonly code: string
  readonly values: FindingValues
  readonly observed: string
  readonly measured?: number
  readonly bound?: Bound
  readonly reason: string
  /** The fault it was judged under, in words; absent means every fault of the recording. */
  readonly fault?: string
  /** The smallest part of a history that still breaks the promise: who saw what when, on lanes. */
  readonly drawing?: Drawing
  readonly moments?: readonly { readonly at: number; readonly label: string }[]
  /** Records of the journal on which the finding rests. */
  readonly evidence?: readonly JournalRecord[]
}

/** What puts a promise to the test. */
export interface Stimulus<S> {
  /** A noun phrase for people: "a drained Node". */
  readonly needs: string
  /** Every occurrence in a recording; empty means that the promise was not put to the test. @throws InconclusiveError */
  readonly find: (recording: Recording) => readonly S[]
}

/** One documented promise, what puts it to the test, and the pure function that judges it. */
export interface ContractDefinition<S> {
  readonly id: string
  readonly area: string
  /** The promise, in our own words. */
  readonly promise: string
  /** The documentation's page. */
  readonly reference: string
  readonly stimulus: Stimulus<S>
  judge(recording: Recording, stimuli: readonly [S, ...S[]]): Finding
}

/** A contract as the judge uses it, whatever its stimulus is. */
export interface Contract {
  readonly id: string
  readonly area: string
  readonly promise: string
  readonly reference: string
  /** What a recording must hold to put the promise to the test: a noun phrase. */
  readonly needs: string
  isExercised(recording: Recording): boolean
  /** The finding, or undefined where the recording does not put the promise to the test. @throws InconclusiveError */
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
