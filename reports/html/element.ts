import { h, type VNode } from 'preact'
import { clean } from '../text/text.ts'

export type Child = VNode | string | number | null | undefined | readonly Child[]
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Makes every element of the page. Attributes are plain values, so no handler and no raw markup can get in. preact escapes
 * every string; `clean` makes terminal escapes, direction marks and NUL visible.
 */
export function el(tag: string, attributes: Attributes | null, ...children: Child[]): VNode {
  const safe = Object.fromEntries(
    Object.entries(attributes ?? {})
      .filter(([, value]) => value !== undefined && value !== false)
      .map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]),
  )
  return h(tag, safe, ...children.map(cleanChild))
}

/** Makes an element whose text is not escaped. Only for the page's own style sheet and script. */
export function verbatim(tag: 'style' | 'script', text: string): VNode {
  const attributes: Record<string, unknown> = { dangerouslySetInnerHTML: { __html: text } }
  return h(tag, attributes)
}

/** Makes a link for an http or https address; for any other address, only the text. */
export function link(address: string, text: string): VNode {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return el('span', null, text)
  return el('a', { href: address, rel: 'noreferrer noopener' }, text)
}

function cleanChild(child: Child): Exclude<Child, readonly Child[]> | VNode[] {
  if (typeof child === 'string') return clean(child)
  if (Array.isArray(child)) return child.map(cleanChild) as VNode[]
  return child as VNode
}
