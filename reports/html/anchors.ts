import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { JudgedRecording } from '../facts/judged-recordings.ts'

/** Returns the id of a verdict's row. Different contracts get different ids, whatever characters their names contain. */
export function verdictAnchor({ anchor }: JudgedRecording, { contract }: Verdict): string {
  const id = contract.replace(/[^A-Za-z0-9-]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}.`)
  return `${anchor}-${id}`
}
