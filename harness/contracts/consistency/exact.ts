import type { LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed, passed } from '../../judge/bridge.ts'
import { type Drawing, drawing } from '../../judge/history/draw.ts'
import type { Violation } from '../../judge/history/history.ts'
import { counted } from '../../judge/words.ts'
import { noException } from '../bounds.ts'

/**
 * A promise that one violation breaks. `rests` says on what it rests if there is none, `draw` shows how it broke; where that
 * draws nothing, what the first violation itself has to show is drawn.
 */
export function exact(
  violations: readonly Violation[],
  rests: string,
  observed: string,
  draw: () => Drawing | undefined = () => undefined,
): Finding {
  const [first] = violations
  if (!first) return passed(rests, { observed, measured: 0, bound: noException })
  const shown = draw() ?? (first.sights && drawing(first.sights))
  const more = violations.length > 1 ? ` (${counted(violations.length - 1, 'more violation')})` : ''
  return failed(`${first.words} [${first.rule}]${more}.`, {
    observed: counted(violations.length, 'violation'),
    measured: violations.length,
    bound: noException,
    ...(shown === undefined ? {} : { drawing: shown }),
  })
}
