import type { Contract, Finding } from '../contract.ts'
import { possibleFaults } from '../faults/fault-windows.ts'
import type { Recording } from '../recording/recording.ts'
import { recordedEnd } from '../recording/cluster-facts.ts'

/* Findings on recordings that a contract's judge does not judge. */

/** The stimulus would exist if an unproven fault had been in force. */
export function unprovenFault(contract: Contract, recording: Recording): Finding | undefined {
  const doubtful = possibleFaults(recording).filter(({ doubt }) => doubt !== undefined)
  const [first] = doubtful
  if (!first || recording.trustsFaults || !contract.isExercised(recording.trusting())) return undefined
  return {
    status: 'invalid',
    code: 'FAULT_UNPROVEN',
    values: { fault: first.description },
    observed: 'not judged',
    reason: first.doubt ?? '',
    evidence: doubtful.flatMap(({ records }) => records),
  }
}

/** The finding for a recording without the stimulus. `expected`: the scenario or the user requested the contract. */
export function notExercised({ needs }: Contract, recording: Recording, expected: boolean): Finding {
  const end = recordedEnd(recording)
  const values = { needs }
  const why =
    end && end.outcome !== 'completed' ? ` The scenario ended early (${end.outcome}): ${end.reason ?? ''}` : ''
  const reason = `The recording does not contain ${needs}.${why}`
  if (!expected) return { status: 'not-exercised', code: 'NOT_EXERCISED', values, observed: 'not exercised', reason }
  if (end?.outcome === 'not-applicable') {
    const own = end.reason ?? 'The scenario does not apply to this cluster.'
    return { status: 'not-applicable', code: 'NOT_APPLICABLE', values, observed: 'not applicable', reason: own }
  }
  // The fault never reached its target, so the recording does not show what the scenario is for.
  if (end?.outcome === 'refused') {
    const own = end.reason ?? 'A fault could not reach its target.'
    return { status: 'invalid', code: 'FAULT_REFUSED', values, observed: 'not judged', reason: own }
  }
  return { ...inconclusive('STIMULUS_ABSENT', reason), values }
}

export function inconclusive(code: string, reason: string): Finding {
  return { status: 'inconclusive', code, values: {}, observed: 'inconclusive', reason }
}
