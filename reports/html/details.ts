import type { VNode } from 'preact'
import { el, type Child } from './element.ts'

/** Makes a closed disclosure. */
export function details(summary: string, aside: string, ...body: Child[]): VNode {
  return disclosed(false, summary, aside, ...body)
}

/** Makes a disclosure that is open from the start where `open` is true. */
export function disclosed(open: boolean, summary: string, aside: string, ...body: Child[]): VNode {
  return el('details', { open }, el('summary', null, summary, ' ', el('span', { class: 'soft' }, aside)), ...body)
}

/** Makes a small table. A head that begins with `>` aligns its column to the right. */
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
