import { parseSync, Visitor } from 'oxc-parser'

interface Span {
  readonly start: number
  readonly end: number
}

/** Quoted code, commands and addresses inside prose. */
const quoted = /```[^]*?```|`[^`\n]*`|<!--[^]*?-->|\bhttps?:\/\/\S+|\]\([^)\s]*\)/g

/** Returns `text` with everything except prose replaced by spaces, so that offsets and line numbers stay valid. */
export function proseOf(file: string, text: string): string {
  return keep(text, spansOf(file, text)).replaceAll(quoted, blank)
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

function keep(text: string, spans: readonly Span[]): string {
  let kept = ''
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    kept += blank(text.slice(kept.length, start)) + text.slice(start, end)
  }
  return kept + blank(text.slice(kept.length))
}

/** Comments, and strings of more than one word: a single word is a value that code compares. */
function spansOf(file: string, text: string): Span[] {
  if (/\.[cm]?[jt]sx?$/.test(file)) return scriptSpans(file, text)
  if (file.endsWith('.go')) return goSpans(text)
  return [{ start: 0, end: text.length }]
}

function scriptSpans(file: string, text: string): Span[] {
  const { program, comments, errors } = parseSync(file, text)
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  const spans: Span[] = [...comments]
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === 'string' && isProse(node.value)) spans.push(node)
    },
    TemplateLiteral: ({ quasis }) => {
      if (isProse(quasis.map(({ value }) => value.raw).join('value'))) spans.push(...quasis.map(inner))
    },
    JSXText: (node) => void spans.push(node),
  }).visit(program)
  return spans
}

/** Drops the delimiters, which the span of a template's part includes. */
function inner({ start, end, tail }: Span & { readonly tail: boolean }): Span {
  return { start: start + 1, end: end - (tail ? 1 : 2) }
}

function goSpans(text: string): Span[] {
  const found = text.matchAll(/\/\/.*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|`[^`]*`/g)
  return [...found].flatMap(({ 0: part, index }) =>
    part.startsWith('/') || isProse(part) ? [{ start: index, end: index + part.length }] : [],
  )
}

const isProse = (text: string): boolean => /\S\s+\S/.test(text)
