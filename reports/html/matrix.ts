import type { VNode } from 'preact'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { JudgedRecording } from '../facts/judged-recordings.ts'
import { statusStyles, worstByContract } from '../text/statuses.ts'
import { el } from './element.ts'
import { verdictAnchor } from './anchors.ts'

/** Draws one sign for each contract on each recording: recordings are rows, contracts are columns. */
export function matrix(recordings: readonly JudgedRecording[]): VNode | null {
  const promises = new Map(
    recordings.flatMap(({ verdicts }) => verdicts.map(({ contract, promise }) => [contract, promise] as const)),
  )
  if (promises.size === 0) return null
  const contracts = [...promises.keys()]
  const worst = new Map(
    worstByContract(recordings.flatMap(({ verdicts }) => verdicts)).map((one) => [one.contract, one]),
  )
  const heads = contracts.map((id) => el('th', { scope: 'col', title: promises.get(id) }, el('span', null, id)))
  const total = contracts.map((id) => {
    const status = worst.get(id)?.status ?? 'not-exercised'
    return el('td', { 'data-status': status, title: `${id}, worst: ${statusStyles[status].word}` }, ...sign(status))
  })
  return el(
    'section',
    null,
    el('h2', null, 'Verdicts by recording and contract'),
    el(
      'div',
      { class: 'wide' },
      el(
        'table',
        { class: 'matrix' },
        el('thead', null, el('tr', null, el('td', null), ...heads)),
        el('tbody', null, ...recordings.map((recording) => row(recording, contracts))),
        recordings.length > 1
          ? el('tfoot', null, el('tr', null, el('th', { scope: 'row' }, 'worst verdict'), ...total))
          : null,
      ),
      key(recordings),
    ),
  )
}

function row(recording: JudgedRecording, contracts: readonly string[]): VNode {
  const { label, window, anchor, verdicts } = recording
  const own = new Map(verdicts.map((verdict) => [verdict.contract, verdict]))
  const name = window ? el('a', { href: `#${anchor}` }, label) : label
  const cells = contracts.map((id) => cell(recording, own.get(id)))
  return el('tr', null, el('th', { scope: 'row' }, name), ...cells)
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
