import type { VNode } from 'preact'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'
import { details } from './details.ts'
import { el } from './element.ts'

const mostCommands = 40
const mostCharacters = 40_000

/** Lists the commands that the scenario ran, with their output. */
export function commands(records: readonly RecordOf<'command'>[]): VNode[] {
  const left = records.length - mostCommands
  return [
    ...records.slice(0, mostCommands).map((record) => {
      const outputs = [output('', record.stdout), output('stderr', record.stderr)].filter((part) => part !== null)
      const aside = `exit code ${record.exitCode}, ${duration(record.endedAt - record.at)}, on ${record.machine}`
      return details(
        record.argv.map(quoted).join(' '),
        aside,
        ...(outputs.length > 0 ? outputs : [el('p', { class: 'soft' }, 'No output.')]),
      )
    }),
    ...(left > 0 ? [el('p', { class: 'soft' }, `${left} more commands are in journal.ndjson.`)] : []),
  ]
}

function output(name: string, text: string): VNode | null {
  if (text.trim() === '') return null
  const cut = text.length - mostCharacters
  const shown = cut > 0 ? `${text.slice(0, mostCharacters)}\n… ${cut} more characters are in journal.ndjson` : text
  return el('div', null, name ? el('div', { class: 'small soft' }, name) : null, el('pre', null, shown.trimEnd()))
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
