import { closeSync, mkdtempDisposableSync, openSync, readFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Write, writeWhole } from './write-whole.ts'

/** A kernel that takes at most some bytes at once, and none once `room` is used up. */
function narrow(atOnce: number, room = Infinity): Write {
  let left = room
  return (file, bytes, offset) => {
    if (left === 0) throw new Error('ENOSPC')
    const taken = writeSync(file, bytes, offset, Math.min(atOnce, left, bytes.length - offset))
    left -= taken
    return taken
  }
}

function written(texts: readonly string[], write: Write): { text: string; errors: readonly string[] } {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-'))
  const path = join(folder.path, 'journal.ndjson')
  const file = openSync(path, 'a')
  const errors = texts.flatMap((text) => {
    try {
      writeWhole(file, text, write)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
  closeSync(file)
  return { text: readFileSync(path, 'utf8'), errors }
}

test('a text is written as a whole although the kernel takes a few bytes at once', () => {
  const texts = ['{"a":"café"}\n', '{"b":2}\n']
  expect(written(texts, narrow(3))).toEqual({ text: texts.join(''), errors: [] })
})

test('a write that fails leaves no part of its text behind', () => {
  const [first, second] = ['{"a":1}\n', '{"b":2}\n']
  expect(written([first, second], narrow(3, first.length + 4))).toEqual({ text: first, errors: ['ENOSPC'] })
})
