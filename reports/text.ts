import { stripVTControlCharacters } from 'node:util'

// Pod names, errors and command output come from a cluster that is being broken: whatever they hold, a reader must see
// it and no terminal, browser or XML parser may act on it. Line feeds and tabs stay; terminal escapes go.
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g

/** `text` with everything invisible or acting made visible: controls as control pictures, direction marks as `<U+202E>`. */
export function clean(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).toWellFormed().replace(unsafe, visible)
}

/** The same on one line and at most `limit` characters long, for table cells and titles. */
export function oneLine(text: string, limit = 300): string {
  const line = clean(text).replace(/\s+/g, ' ').trim()
  return line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line
}

const plain: Record<string, string> = {
  '→': '->',
  '≤': '<=',
  '≥': '>=',
  '×': 'x',
  '–': '-',
  '—': '-',
  '…': '...',
  '·': '-',
}

/** For terminals of unknown abilities: characters outside ASCII are spelt out or become `?`. */
export function ascii(text: string): string {
  return text.replace(/[^\t\n\x20-\x7e]/gu, (character) => plain[character] ?? '?')
}

function visible(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
