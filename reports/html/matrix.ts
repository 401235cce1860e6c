import type { VNode } from 'preact'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { JudgedRecording } from '../facts/judged-recordings.ts'
import { statusStyles, worstByContract } from '../text/statuses.ts'
import { el } from './element.ts'
import { verdictAnchor } from './anchors.ts'

/** Draws one sign for each contract on each recording, in one table for each area of contracts, so that it fits any screen. */
export function matrix(recordings: readonly JudgedRecording[]): VNode | null {
  const promises = new Map(
    recordings.flatMap(({ verdicts }) => verdicts.map(({ contract, promise }) => [contract, promise] as const)),
  )
  if (promises.size === 0) return null
  const areas = [...Map.groupBy(promises.keys(), (id) => id.split('-')[0]).values()]
  const verdicts = recordings.map(
    (recording) => new Map(recording.verdicts.map((verdict) => [verdict.contract, verdict])),
  )
  const worst = new Map(worstByContract(recordings.flatMap((one) => one.verdicts)).map((one) => [one.contract, one]))
  const row = (id: string): VNode => {
    const cells = recordings.map((recording, index) => cell(recording, verdicts[index]?.get(id)))
    const status = worst.get(id)?.status ?? 'not-exercised'
    const total = el(
      'td',
      { 'data-status': status, title: `${id}, worst: ${statusStyles[status].word}` },
      ...sign(status),
    )
    const head = el('th', { scope: 'row', title: promises.get(id) }, id)
    return el('tr', null, head, ...cells, recordings.length > 1 ? total : null)
  }
  return el(
    'section',
    null,
    el('h2', null, 'Verdicts by contract and recording'),
    el(
      'div',
      { class: 'wide' },
      el(
        'div',
        { class: 'areas' },
        ...areas.map((ids) =>
          el('table', { class: 'matrix' }, el('thead', null, heads(recordings)), el('tbody', null, ...ids.map(row))),
        ),
      ),
      key(recordings),
    ),
  )
}

function heads(recordings: readonly JudgedRecording[]): VNode {
  const names = recordings.map(({ label, window, anchor }) => (window ? el('a', { href: `#${anchor}` }, label) : label))
  const all = [...names, ...(recordings.length > 1 ? ['worst verdict'] : [])]
  return el('tr', null, el('td', null), ...all.map((name) => el('th', { scope: 'col' }, el('span', null, name))))
}

function cell(recording: JudgedRecording, verdict: Verdict | undefined): VNode {
  if (!verdict) return el('td', null)
  const { contract, status, code } = verdict
  const title = `${contract} on ${recording.label}: ${statusStyles[status].word}`
  if (status === 'not-exercised') return el('td', { 'data-status': status, title }, ...sign(status))
  const href = `#${verdictAnchor(recording, verdict)}`
  return el('td', { 'data-status': status }, el('a', { href, title: `${title}, ${code}` }, ...sign(status)))
}

/** The sign, and the word for screen readers. */
function sign(status: Verdict['status']): VNode[] {
  return [
    el('i', { 'aria-hidden': 'true' }, statusStyles[status].sign),
    el('span', { class: 'unseen' }, statusStyles[status].word),
  ]
}

function key(recordings: readonly JudgedRecording[]): VNode {
  const present = new Set(recordings.flatMap(({ verdicts }) => verdicts.map(({ status }) => status)))
  const shown = Object.entries(statusStyles).filter(([status]) => present.has(status as Verdict['status']))
  return el(
    'div',
    { class: 'legend' },
    ...shown.map(([status, { sign: mark, word, meaning }]) =>
      el('span', { 'data-status': status }, el('i', { 'aria-hidden': 'true' }, mark), `${word}: ${meaning}`),
    ),
  )
}
