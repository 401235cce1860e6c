import type { VNode } from 'preact'
import { el, type Child } from './element.ts'

/** What most readers don't need, one click away. */
export function details(summary: string, aside: string, ...body: Child[]): VNode {
  return disclosed(false, summary, aside, ...body)
}

/** The same, shown from the start where `open` is true. */
export function disclosed(open: boolean, summary: string, aside: string, ...body: Child[]): VNode {
  return el('details', { open }, el('summary', null, summary, ' ', el('span', { class: 'soft' }, aside)), ...body)
}

/** A small table. `heads` may be marked `>` to align a column of figures to the right. */
export function table(heads: readonly string[], rows: readonly (readonly Child[])[]): VNode {
  const side = (column: number) => (heads[column]?.startsWith('>') ? 'num' : undefined)
  return el(
    'table',
    { class: 'inner' },
    el(
      'thead',
      null,
      el(
        'tr',
        null,
        ...heads.map((head, column) => el('th', { scope: 'col', class: side(column) }, head.replace(/^>/, ''))),
      ),
    ),
    el(
      'tbody',
      null,
      ...rows.map((row) => el('tr', null, ...row.map((cell, column) => el('td', { class: side(column) }, cell)))),
    ),
  )
}
