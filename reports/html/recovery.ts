import type { VNode } from 'preact'
import { duration } from '../text/figures.ts'
import type { RecoveryRow, UnseenStep } from '../facts/recovery.ts'
import { el } from './element.ts'

/** Lists when each recovery step followed each fault; for repeated scenarios, the distribution of these times. */
export function recovery(rows: readonly RecoveryRow[], unseen: readonly UnseenStep[]): VNode | null {
  if (rows.length + unseen.length === 0) return null
  const several = rows.some(({ n }) => n > 1)
  const heads = [
    'scenario',
    'fault',
    'step',
    several ? 'median time' : 'time',
    ...(several ? ['95 % interval of the median', 'p95', 'runs'] : []),
    'evidence',
  ]
  return el(
    'section',
    null,
    el('h2', null, 'Recovery'),
    el(
      'p',
      { class: 'small soft' },
      'Times count from the earliest moment at which the fault may have had an effect. Each comes from a record of the journal.',
    ),
    el(
      'div',
      { class: 'scroll' },
      el(
        'table',
        null,
        el('thead', null, el('tr', null, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
        el(
          'tbody',
          null,
          ...byFault(rows, unseen, several).map((cells) =>
            el('tr', null, ...cells.map((cell) => el('td', null, cell))),
          ),
        ),
      ),
    ),
  )
}

/** One row for each observed step of a fault's recovery, then one row for the steps that were not observed. */
function byFault(rows: readonly RecoveryRow[], unseen: readonly UnseenStep[], several: boolean): string[][] {
  const fault = (one: { readonly scenario: string; readonly fault: string }): string => `${one.scenario} ${one.fault}`
  const seen = Map.groupBy(rows, fault)
  const not = Map.groupBy(unseen, fault)
  return [...new Set([...rows, ...unseen].map(fault))].flatMap((one) => [
    ...(seen.get(one) ?? []).map((row) => cells(row, several)),
    ...notSeen(not.get(one) ?? [], several),
  ])
}

function notSeen(steps: readonly UnseenStep[], several: boolean): string[][] {
  const [first] = steps
  if (!first) return []
  const why = steps.map(({ phase, reason }) => `${phase}: ${reason}`).join('; ')
  return [[first.scenario, first.fault, 'not observed', '', ...(several ? ['', '', ''] : []), why]]
}

function cells({ scenario, fault, phase, fact, ...figures }: RecoveryRow, several: boolean): string[] {
  const { median, p95, n, medianInterval } = figures
  const spread = several
    ? [medianInterval ? medianInterval.map(duration).join(' to ') : '', n > 1 ? duration(p95) : '', String(n)]
    : []
  return [scenario, fault, phase, duration(median), ...spread, fact]
}
