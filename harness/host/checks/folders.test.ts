import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseUnwritable, whyNotWritable } from './folders.ts'

test('a folder that exists, or that can be created, is writable', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-folders-'))
  mkdirSync(join(folder.path, 'a'))
  expect(whyNotWritable(join(folder.path, 'a'))).toBeUndefined()
  expect(whyNotWritable(join(folder.path, 'a/b/c'))).toBeUndefined()
})

test('a file in its place, or in place of a parent, is the reason', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-folders-'))
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'a'), join(file, 'a/b')])
    expect(whyNotWritable(path)).toBe(`${file} is not a folder`)
  expect(() => refuseUnwritable(join(file, 'a'), 'Choose another one.')).toThrow(
    expect.objectContaining({ code: 'HF_FOLDER', exitCode: 64, hint: 'Choose another one.' }),
  )
})

test.runIf(process.platform === 'linux')('a read-only file system is the reason', () => {
  expect(whyNotWritable('/proc/sys')).toMatch(/EACCES|EROFS|EPERM/)
})
