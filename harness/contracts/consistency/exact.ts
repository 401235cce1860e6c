import type { Finding } from '../../judge/contract.ts'
import { failed, passed } from '../../judge/finding.ts'
import type { Drawing } from '../../judge/history/draw.ts'
import type { Violation } from '../../judge/history/history.ts'
import type { Bound } from '../../judge/verdict.ts'
import { counted } from '../../judge/words.ts'

/** What is promised without exception is held to none. */
const none: Bound = { limit: 0, unit: 'count', source: 'exact: the documentation allows no exception' }

/** A promise that one violation breaks. `rests` says on what it rests if there is none, `draw` shows how it broke. */
export function exact(
  violations: readonly Violation[],
  rests: string,
  observed: string,
  draw: () => Drawing | undefined = () => undefined,
): Finding {
  const [first] = violations
  if (!first) return passed(rests, { observed, measured: 0, bound: none })
  const drawing = draw()
  const more = violations.length > 1 ? ` (${counted(violations.length - 1, 'more violation')})` : ''
  return failed(`${first.words} [${first.rule}]${more}.`, {
    observed: counted(violations.length, 'violation'),
    measured: violations.length,
    bound: none,
    ...(drawing === undefined ? {} : { drawing }),
  })
}
