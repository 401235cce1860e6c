import type { RecordOf } from '../record/records.ts'
import { faultWords } from './fault-windows.ts'
import type { Recording } from './recording.ts'
import type { Status } from './verdict.ts'

/** A reason for which nothing of a recording may be judged, if there is one. */
export interface Distrust {
  readonly status: Extract<Status, 'invalid' | 'inconclusive' | 'not-applicable'>
  readonly reason: string
}

/** A scenario is judged only if each of its faults is proven at both ends, it ran to its end, and the rig had no trouble. */
export function distrust(recording: Recording): Distrust | undefined {
  const end = endOf(recording)
  if (end?.outcome === 'not-applicable')
    return { status: 'not-applicable', reason: end.reason ?? 'The scenario does not apply here.' }
  const fault = unprovenFault(recording)
  if (fault !== undefined) return { status: 'invalid', reason: fault }
  // It never bit: whatever else was seen, it is not what the scenario is about.
  if (end?.outcome === 'refused')
    return { status: 'invalid', reason: end.reason ?? 'A fault could not hit its target.' }
  const reason = cutShort(recording) ?? rigTrouble(recording)
  return reason === undefined ? undefined : { status: 'inconclusive', reason }
}

function unprovenFault(recording: Recording): string | undefined {
  type Edge = RecordOf<'fault'>
  const byId = Map.groupBy(recording.of('fault'), ({ id }) => id)
  for (const edges of byId.values()) {
    const edge = (wanted: Edge['edge']): Edge | undefined => edges.find((one) => one.edge === wanted)
    const [first] = edges
    if (!first) continue
    const words = `The fault "${faultWords(first.fault, first.target)}"`
    if (edge('unproven')) return `${words} is not proven to have bitten.`
    const injected = edge('injected')
    if (!injected) return `${words} was intended and never proven to have bitten.`
    if (injected.evidence.length === 0) return `${words} is said to have bitten, without evidence.`
    if (edge('healed')?.evidence.some(({ facts }) => facts['early'] === true))
      return `${words} ended before it was healed: it was not in force for as long as it was meant to be.`
    if (!edges.some(({ permanent }) => permanent) && !edge('healed')) return `${words} is not proven to have ended.`
  }
  return undefined
}

function cutShort(recording: Recording): string | undefined {
  const end = endOf(recording)
  if (!end) return 'The recording stops before the end of the scenario.'
  if (end.outcome === 'completed') return undefined
  return `The scenario did not run to its end (${end.outcome ?? 'no outcome'}): ${end.reason ?? 'no reason given'}.`
}

function endOf(recording: Recording): RecordOf<'scenario'> | undefined {
  return recording.of('scenario').findLast(({ name, edge }) => name === recording.scenario && edge === 'end')
}

function rigTrouble(recording: Recording): string | undefined {
  const [trouble] = recording.of('rig')
  return trouble && `The rig had trouble: ${trouble.message}.`
}
