import type { VNode } from 'preact'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import { boundText, counted } from '../text/figures.ts'
import type { JudgedRecording } from '../facts/judged-recordings.ts'
import { journalLines } from '../text/journal-lines.ts'
import { countStatuses, exercised, gravestFirst, statusStyles, statusOrder } from '../text/statuses.ts'
import { oneLine } from '../text/text.ts'
import { verdictAnchor } from './anchors.ts'
import { el, link } from './element.ts'
import { historySvg } from './svg/history-svg.ts'
import { marginBar } from './svg/margin-bar.ts'

/** One verdict and the recording that it judges. */
type Listed = Verdict & { readonly recording: JudgedRecording }

/** Lists every exercised verdict with fault, observation, bound and margin, the most severe first. */
export function promises(recordings: readonly JudgedRecording[]): VNode {
  const all = recordings.flatMap((recording) => recording.verdicts.map((verdict) => ({ ...verdict, recording })))
  const listed = exercised(all)
  const left = all.length - listed.length
  if (listed.length === 0)
    return el('section', null, el('h2', null, 'Verdicts'), el('p', null, 'No contract was exercised.'))
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
    el('h2', null, 'Verdicts'),
    tools(listed),
    el(
      'table',
      { class: 'promises' },
      el(
        'thead',
        null,
        el('tr', null, ...heads.map(([name, title]) => el('th', { class: name, scope: 'col' }, title))),
      ),
      el('tbody', null, ...gravestFirst(listed).flatMap((verdict) => [row(verdict), ...drawnRow(verdict)])),
    ),
    el(
      'p',
      { id: 'none', class: 'soft', hidden: true },
      'No verdict matches. Clear the search or select more verdicts.',
    ),
    left > 0
      ? el('p', { class: 'soft' }, `Not listed: ${counted(left, 'verdict')} not exercised. The table above shows them.`)
      : null,
  )
}

function tools(verdicts: readonly Verdict[]): VNode {
  const counts = countStatuses(verdicts)
  const boxes = statusOrder
    .filter((status) => counts[status] > 0)
    .map((status) =>
      el(
        'label',
        { 'data-status': status, title: statusStyles[status].meaning },
        el('input', { type: 'checkbox', id: `show-${status}`, checked: true, autocomplete: 'off' }),
        ' ',
        badge(status),
        ` ${counts[status]}`,
      ),
    )
  const search = el('input', {
    id: 'search',
    type: 'search',
    placeholder: 'Search by contract, code, fault or text',
    'aria-label': 'Search the verdicts',
    autocomplete: 'off',
  })
  return el('div', { class: 'tools' }, search, ...boxes)
}

function row(verdict: Listed): VNode {
  const { status, contract, promise, reference, fault, observed, reason, bound, recording } = verdict
  return el(
    'tr',
    { class: 'promise', id: verdictAnchor(recording, verdict), 'data-status': status },
    el('td', { class: 'verdict' }, badge(status), el('code', { class: 'why' }, verdict.code)),
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
      fault || el('span', { class: 'soft' }, 'no fault'),
      el('span', { class: 'why soft' }, scenarioLink(recording)),
    ),
    el(
      'td',
      { class: 'observed', 'data-head': 'Observed' },
      oneLine(observed, 600),
      el('span', { class: 'why' }, oneLine(reason, 900)),
      verdict.lines.length > 0
        ? el('span', { class: 'why soft' }, `journal.ndjson, lines ${journalLines(verdict.lines)}`)
        : null,
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

function scenarioLink({ label, anchor, window }: JudgedRecording): VNode | string {
  return window ? el('a', { href: `#${anchor}` }, label) : label
}

/** Draws the history that breaks a promise, below the promise's row and as wide as the row. */
function drawnRow({ status, contract, drawing }: Verdict): VNode[] {
  if (drawing === undefined) return []
  const cell = el('td', { colspan: 6 }, el('div', { class: 'wide' }, historySvg(drawing, contract)))
  return [el('tr', { class: 'promise drawn', 'data-status': status }, cell)]
}

export function badge(status: Verdict['status']): VNode {
  return el(
    'span',
    { class: 'badge', 'data-status': status, title: statusStyles[status].meaning },
    el('i', { 'aria-hidden': 'true' }, statusStyles[status].sign),
    statusStyles[status].word,
  )
}
