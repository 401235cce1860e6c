import { h, type VNode } from 'preact'
import { clean } from '../text.ts'

export type Child = VNode | string | number | null | undefined | readonly Child[]
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * The only way in which the page's elements are made. Attributes are plain values, so no handler and no raw markup can get in;
 * preact escapes every string, and what would still act on a reader (terminal escapes, direction marks, NUL) is made visible.
 */
export function el(tag: string, attributes: Attributes | null, ...children: Child[]): VNode {
  const safe = Object.fromEntries(
    Object.entries(attributes ?? {})
      .filter(([, value]) => value !== undefined && value !== false)
      .map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]),
  )
  return h(tag, safe, ...children.map(cleanChild))
}

/** An element with text of our own that must not be escaped: the style sheet and the script. */
export function verbatim(tag: 'style' | 'script', text: string): VNode {
  const attributes: Record<string, unknown> = { dangerouslySetInnerHTML: { __html: text } }
  return h(tag, attributes)
}

/** A link where the address is one of the web's; anything else is only its text. */
export function link(address: string, text: string): VNode {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return el('span', null, text)
  return el('a', { href: address, rel: 'noreferrer noopener' }, text)
}

function cleanChild(child: Child): Exclude<Child, readonly Child[]> | VNode[] {
  if (typeof child === 'string') return clean(child)
  if (Array.isArray(child)) return child.map(cleanChild) as VNode[]
  return child as VNode
}
