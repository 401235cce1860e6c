import { stripVTControlCharacters } from 'node:util'

// Pod names, errors and command output come from a broken cluster and are untrusted: readers must see them, and no terminal,
// browser or XML parser may act on them. Line feeds and tabs stay; terminal escapes are removed.
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g

/** Makes control characters (as control pictures) and direction marks (as `<U+202E>`) visible. */
export function clean(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).toWellFormed().replace(unsafe, visible)
}

/** Cleans `text` and puts it on one line of at most `limit` characters. */
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

/** Replaces characters outside ASCII by similar ones or `?`. */
export function ascii(text: string): string {
  return text.replace(/[^\t\n\x20-\x7e]/gu, (character) => plain[character] ?? '?')
}

function visible(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
