import type { VNode } from 'preact'
import { duration } from '../figures.ts'
import type { RecoveryRow } from '../recovery.ts'
import { el } from './element.ts'

/** When each step of recovery came after each fault; with several times of play, how that is distributed. */
export function recovery(rows: readonly RecoveryRow[]): VNode | null {
  if (rows.length === 0) return null
  const several = rows.some(({ n }) => n > 1)
  const heads = [
    'scenario',
    'fault',
    'step',
    'after',
    ...(several ? ['95 % of the median', 'p95', 'times'] : []),
    'fact',
  ]
  return el(
    'section',
    null,
    el('h2', null, 'Recovery'),
    el(
      'p',
      { class: 'small soft' },
      'Counted from the moment at which the fault may first have bitten. A step that was not seen has no row.',
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
          ...rows.map((row) => el('tr', null, ...cells(row, several).map((cell) => el('td', null, cell)))),
        ),
      ),
    ),
  )
}

function cells({ scenario, fault, phase, fact, ...figures }: RecoveryRow, several: boolean): string[] {
  const { median, p95, n, medianInterval } = figures
  const spread = several
    ? [medianInterval ? medianInterval.map(duration).join(' to ') : '', n > 1 ? duration(p95) : '', String(n)]
    : []
  return [scenario, fault, phase, duration(median), ...spread, fact]
}
