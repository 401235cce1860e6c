import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProgressLines } from './progress-lines.ts'

function written(isTTY: boolean, verbose = false): string {
  let text = ''
  {
    using lines = new ProgressLines({ isTTY, columns: 30, write: (part) => (text += part) }, { verbose })
    lines.print({ text: 'boot', level: 'phase' })
    lines.print({ text: 'a detail that is wider than the terminal', level: 'detail' })
    lines.print({ text: 'slow', level: 'warn' })
    lines.print({ text: 'more', level: 'detail' })
  }
  return text.replaceAll(/\d\.\d/g, '0.0')
}

test('without a terminal it prints whole lines without control characters', () => {
  expect(written(false)).toBe('   0.0 s  boot\n   0.0 s  slow\n')
  expect(written(false, true).split('\n')).toHaveLength(5)
})

test('on a terminal details overwrite one another, fit the width and disappear at the end', () => {
  const live = written(true)
  expect(live).toContain('   0.0 s    a detail that is \r\u001b[2K')
  expect(live.endsWith('more\r\u001b[2K')).toBe(true)
})

test('the live view stays below whole lines and details and disappears at the end', () => {
  let text = ''
  {
    using lines = new ProgressLines({ isTTY: true, columns: 30, write: (part) => (text += part) })
    lines.below(['nodes', 'probes'])
    lines.print({ text: 'boot', level: 'detail' })
    lines.print({ text: 'up', level: 'phase' })
  }
  expect(text.replaceAll(/\d\.\d/g, '0.0')).toBe(
    'nodes\nprobes' +
      '\r\u001b[1A\u001b[0J   0.0 s    boot\nnodes\nprobes' +
      '\r\u001b[2A\u001b[0J   0.0 s  up\nnodes\nprobes' +
      '\r\u001b[1A\u001b[0J',
  )
})

/** Emulates a terminal of that size: its lines after `text`, scrolled-out lines included. */
function shown(text: string, columns: number, rows: number): string[] {
  const screen: string[] = ['']
  let row = 0
  let column = 0
  const top = (): number => Math.max(0, screen.length - rows)
  for (const [part] of text.matchAll(/\u001b\[\d*[A-Z]|[^]/g)) {
    const many = Number(/\d+/.exec(part)?.[0] ?? 1)
    if (part === '\r') column = 0
    else if (part === '\n') [row, column] = [row + 1, 0]
    else if (part.endsWith('A') && part.length > 1) row = Math.max(top(), row - many)
    else if (part.endsWith('J') && part.length > 1) screen.splice(row + 1)
    if (/^\u001b.*[JK]$/.test(part)) screen[row] = ''
    if (!/^[\u001b\r\n]/.test(part)) {
      if (column === columns) [row, column] = [row + 1, 0]
      screen[row] = (screen[row] ?? '').slice(0, column) + part
      column++
    }
    screen[row] ??= ''
  }
  return screen
}

test('on a terminal of any size only whole lines remain, for any sequence of lines, details and views', () => {
  const event = fc.oneof(
    fc.record({ line: fc.integer({ min: 1, max: 99 }) }),
    fc.record({ below: fc.integer({ min: 0, max: 30 }) }),
    fc.record({ detail: fc.integer({ min: 1, max: 99 }) }),
  )
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.integer({ min: 20, max: 60 }),
      fc.integer({ min: 3, max: 12 }),
      (events, columns, rows) => {
        let text = ''
        const whole: string[] = []
        {
          using lines = new ProgressLines({ isTTY: true, columns, rows, write: (part) => (text += part) })
          for (const one of events) {
            if ('line' in one) {
              whole.push(`line ${one.line}`)
              lines.line(`line ${one.line}`)
            } else if ('below' in one) lines.below(Array.from({ length: one.below }, (_, n) => `below ${n}`))
            else lines.print({ text: 'd'.repeat(one.detail), level: 'detail' })
          }
        }
        expect(shown(text, columns, rows)).toEqual([...whole, ''])
      },
    ),
  )
})
