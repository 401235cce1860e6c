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

test('without a terminal there are whole lines and no control characters', () => {
  expect(written(false)).toBe('   0.0 s  boot\n   0.0 s  slow\n')
  expect(written(false, true).split('\n')).toHaveLength(5)
})

test('on a terminal details overwrite one another, fit the width and are gone at the end', () => {
  const live = written(true)
  expect(live).toContain('   0.0 s    a detail that is \r\u001b[2K')
  expect(live.endsWith('more\r\u001b[2K')).toBe(true)
})

test('what is watched stays below whole lines and details, and is gone at the end', () => {
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
