import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { lineReader, runCommand } from './run-command.ts'

describe('runCommand', () => {
  it('gives the exit code and the last lines of both outputs', async () => {
    const done = await runCommand('sh', ['-c', 'echo one; echo two >&2; exit 3'])
    expect(done.exitCode).toBe(3)
    expect(done.tail.split('\n').sort()).toEqual(['one', 'two'])
  })

  it('keeps a last line that has no end', async () => {
    expect((await runCommand('printf', ['a\\nb'])).tail).toBe('a\nb')
  })

  it('rejects when there is no such program', async () => {
    await expect(runCommand('holdfast-no-such-program', [])).rejects.toThrow(/ENOENT/)
  })

  it('stops what the program itself started, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
    const stop = new AbortController()
    const script = `(sleep 1; touch ${folder}/survived) & echo started; wait`
    const running = runCommand('sh', ['-c', script], {
      signal: stop.signal,
      onLine: () => stop.abort(new Error('enough')),
    })
    await expect(running).rejects.toThrow('enough')
    await sleep(1300)
    expect(existsSync(join(folder, 'survived'))).toBe(false)
    await rm(folder, { recursive: true })
  })
})

describe('lineReader', () => {
  it('joins what comes in pieces, letters included', () => {
    const lines: string[] = []
    const read = lineReader((line) => lines.push(line))
    const bytes = Buffer.from('first\r\nsecönd\nthird')
    for (const byte of bytes) read.take(Buffer.of(byte))
    read.end()
    expect(lines).toEqual(['first', 'secönd', 'third'])
  })
})
