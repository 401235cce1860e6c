import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from '../bootstrap/command.mjs'
import { commitMessages } from './commits.ts'

/** The outcome for one commit with this message after another with `before`. */
async function committed(message: string, before = 'chore: begin') {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-commits-'))
  const git = async (...args: string[]) => {
    const { code, output } = await command('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: folder.path,
    })
    if (code !== 0) throw new Error(output)
    return output.trim()
  }
  await git('init', '--quiet')
  await git('commit', '--quiet', '--allow-empty', '--message', before)
  const base = await git('rev-parse', 'HEAD')
  await git('commit', '--quiet', '--allow-empty', '--message', message)
  return await commitMessages(folder.path, base)
}

test.each([
  ['no type', 'drop the cache', 'type-empty'],
  ['a type of its own', 'change(cli): drop the cache', 'type-enum'],
  ['73 characters', `fix: ${'x'.repeat(68)}`, 'header-max-length'],
  ['a full stop', 'fix: drop the cache.', 'subject-full-stop'],
])('refuses a subject with %s', async (_, message, rule) => {
  const { ok, output } = await committed(message)
  expect(ok).toBe(false)
  expect(output).toContain(`[${rule}]`)
})

test('accepts a conventional message of 72 characters', async () => {
  expect(await committed(`fix: ${'x'.repeat(67)}\n\nThe reason.`)).toMatchObject({ ok: true })
})

test('accepts a merge of several branches', async () => {
  expect(await committed("Merge branches 'a' and 'b'")).toMatchObject({ ok: true })
})

test('leaves commits up to the base alone', async () => {
  expect(await committed('fix: drop the cache', 'Old habits.')).toMatchObject({ ok: true })
})

test('passes without a history', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-commits-'))
  expect(await commitMessages(folder.path)).toMatchObject({ ok: true })
})
