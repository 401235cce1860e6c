import type { VNode } from 'preact'
import type { Verdict } from '../../harness/judge/verdict.ts'
import { boundText } from '../figures.ts'
import { countStatuses, failedFirst, looks, statusOrder } from '../statuses.ts'
import { oneLine } from '../text.ts'
import { el, link } from './element.ts'
import { historySvg } from './history-svg.ts'
import { marginBar } from './margin-bar.ts'

/** The heart of the page: promise, fault, what was seen, what was allowed, how much was left; failed first. */
export function promises(verdicts: readonly Verdict[]): VNode {
  if (verdicts.length === 0)
    return el('section', null, el('h2', null, 'Promises'), el('p', null, 'No contract was judged.'))
  const heads: [string, string][] = [
    ['verdict', 'Verdict'],
    ['what', 'Promise'],
    ['fault', 'Fault and scenario'],
    ['observed', 'Observed'],
    ['bound', 'Bound'],
    ['margin', 'Margin'],
  ]
  return el(
    'section',
    null,
    el('h2', null, 'Promises'),
    tools(verdicts),
    el(
      'table',
      { class: 'promises' },
      el(
        'thead',
        null,
        el('tr', null, ...heads.map(([name, title]) => el('th', { class: name, scope: 'col' }, title))),
      ),
      el('tbody', null, ...failedFirst(verdicts).flatMap((verdict) => [row(verdict), ...drawnRow(verdict)])),
    ),
    el('p', { id: 'none', class: 'soft', hidden: true }, 'No promise matches. Clear the search or tick more verdicts.'),
  )
}

function tools(verdicts: readonly Verdict[]): VNode {
  const counts = countStatuses(verdicts)
  const boxes = statusOrder
    .filter((status) => counts[status] > 0)
    .map((status) =>
      el(
        'label',
        { 'data-status': status, title: looks[status].meaning },
        el('input', { type: 'checkbox', id: `show-${status}`, checked: true, autocomplete: 'off' }),
        ' ',
        badge(status),
        ` ${counts[status]}`,
      ),
    )
  const search = el('input', {
    id: 'search',
    type: 'search',
    placeholder: 'Search: contract, fault, words',
    'aria-label': 'Search the promises',
    autocomplete: 'off',
  })
  return el('div', { class: 'tools' }, search, ...boxes)
}

function row(verdict: Verdict): VNode {
  const { status, contract, promise, reference, fault, scenario, observed, reason, bound } = verdict
  return el(
    'tr',
    { class: 'promise', 'data-status': status },
    el('td', { class: 'verdict' }, badge(status)),
    el(
      'td',
      { class: 'what' },
      el('span', { class: 'id' }, contract),
      ' ',
      promise,
      ' ',
      el('span', { class: 'small soft' }, link(reference, 'Documentation')),
    ),
    el(
      'td',
      { class: 'fault' },
      fault || el('span', { class: 'soft' }, 'none needed'),
      el('span', { class: 'why soft' }, el('a', { href: `#${anchor(scenario)}` }, scenario)),
    ),
    el(
      'td',
      { class: 'observed', 'data-head': 'Observed' },
      oneLine(observed, 600),
      el('span', { class: 'why' }, oneLine(reason, 900)),
    ),
    el(
      'td',
      { class: 'bound', 'data-head': 'Bound' },
      bound
        ? [el('span', { class: 'nowrap' }, boundText(verdict)), el('span', { class: 'why soft' }, bound.source)]
        : null,
    ),
    el('td', { class: 'margin', 'data-head': 'Margin' }, marginBar(verdict)),
  )
}

/** A history that breaks a promise, under the promise's row and as wide as all of it. */
function drawnRow({ status, contract, drawing }: Verdict): VNode[] {
  if (drawing === undefined) return []
  const cell = el('td', { colspan: 6 }, el('div', { class: 'wide' }, historySvg(drawing, contract)))
  return [el('tr', { class: 'promise drawn', 'data-status': status }, cell)]
}

export function badge(status: Verdict['status']): VNode {
  return el(
    'span',
    { class: 'badge', 'data-status': status, title: looks[status].meaning },
    el('i', { 'aria-hidden': 'true' }, looks[status].sign),
    looks[status].word,
  )
}

/** An id for a scenario's section, safe whatever its name holds. */
export function anchor(scenario: string): string {
  return `scenario-${scenario.replace(/[^\w-]/g, '_')}`
}
