import type { LossCause, RecordOf } from '../record/records.ts'
import type { Finding } from './contract.ts'
import { Recording } from './recording.ts'

/** A shuffled file has a loss on every line. */
const mostLines = 20

/** What of a recording is as it was written: its records before the first loss, as of a scenario that was cut off there. */
export function intactPart(recording: Recording): Recording {
  const first = recording.records.findIndex(({ kind }) => kind === 'loss')
  return new Recording(recording.scenario, recording.records.slice(0, first))
}

/**
 * The finding on a recording with a loss. A breach stands only where the intact part shows the same one: what is missing can
 * neither excuse the cluster nor be its fault.
 */
export function findingAfterLoss(recording: Recording, judged: (part: Recording) => Finding): Finding {
  const whole = judged(recording)
  if (isBreach(whole)) {
    const before = judged(intactPart(recording))
    if (before.status === whole.status && before.code === whole.code) return before
  }
  return journalLoss(recording.of('loss'))
}

function isBreach({ status }: Finding): boolean {
  return status === 'fail' || status === 'late'
}

function journalLoss(losses: readonly RecordOf<'loss'>[]): Finding {
  const lines = [...new Set(losses.map(({ line }) => line))].sort((a, b) => a - b)
  const [first] = losses
  const more = lines.length > 1 ? ` (and at ${lines.length - 1} more places)` : ''
  return {
    status: 'inconclusive',
    code: 'JOURNAL_LOSS',
    values: { lines: lines.slice(0, mostLines).map(String), losses: lines.length },
    observed: 'not judged',
    reason: `Part of the recording is missing or changed${more}: ${first ? lossSentence(first.cause, `line ${first.line}`) : ''}`,
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
