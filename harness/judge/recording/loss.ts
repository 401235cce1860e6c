import type { LossCause, RecordOf } from '../../record/records.ts'
import type { Finding } from '../contract.ts'
import { Recording } from './recording.ts'

/** A shuffled file has a loss on every line. */
const mostLines = 20

/** Sources reach the journal at different times: within this time of a cut, what one reports another one may not have reported. */
const settlingMs = 10_000

/**
 * The finding on a recording with a loss. A breach stands only where the intact part shows the same one, and did so for a while
 * before the loss: what is missing can neither excuse the cluster nor be its fault.
 */
export function findingAfterLoss(recording: Recording, judged: (part: Recording) => Finding): Finding {
  const whole = judged(recording)
  if (isBreach(whole)) {
    const intact = judged(intactPart(recording))
    if (isSame(whole, intact) && isSame(intact, judged(intactPart(recording, settlingMs)))) return intact
  }
  return journalLoss(recording.of('loss'))
}

/** A recording's records before the first loss, as of a scenario that was cut off there, or so much earlier. */
function intactPart({ scenario, records }: Recording, earlierMs = 0): Recording {
  const intact = records.slice(
    0,
    records.findIndex(({ kind }) => kind === 'loss'),
  )
  const last = intact.reduce((latest, { at }) => Math.max(latest, at), -Infinity)
  const late = intact.findIndex(({ at }) => at > last - earlierMs)
  return new Recording(scenario, late === -1 ? intact : intact.slice(0, late))
}

function isBreach({ status }: Finding): boolean {
  return status === 'fail' || status === 'late'
}

/** The same breach of the same things: a later cut may change its figures, but not what it rests on. */
function isSame(one: Finding, other: Finding): boolean {
  if (one.status !== other.status || one.code !== other.code) return false
  const shared = new Set(one.evidence)
  return (
    (other.evidence ?? []).some((record) => shared.has(record)) ||
    JSON.stringify(one.values) === JSON.stringify(other.values)
  )
}

function journalLoss(losses: readonly RecordOf<'loss'>[]): Finding {
  const lines = [...new Set(losses.map(({ line }) => line))].sort((a, b) => a - b)
  const [first] = losses
  const more = lines.length > 1 ? ` at ${lines.length} places` : ''
  return {
    status: 'inconclusive',
    code: 'JOURNAL_LOSS',
    values: { lines: lines.slice(0, mostLines).map(String), losses: lines.length },
    observed: 'not judged',
    reason: `Part of the recording is missing or changed${more}. ${first ? lossSentence(first.cause, `line ${first.line}`) : ''}`,
  }
}

const sentences: Readonly<Record<LossCause, (lines: string) => string>> = {
  broken: (lines) => `Lines were removed, changed, repeated or moved before or at ${lines}.`,
  unchained: (lines) => `There is no chain value from ${lines} on: what is missing there can't be detected.`,
  torn: (lines) => `The journal ends within ${lines}: its writer was killed, or the file was cut.`,
  truncated: (lines) =>
    `The end of the run is missing at ${lines}: its writer was killed, the file was cut, or the run still goes on.`,
}

/** `lines` names lines as a person reads them: `line 12`, `lines 3, 17–20`. */
export function lossSentence(cause: LossCause, lines: string): string {
  return sentences[cause](lines)
}
