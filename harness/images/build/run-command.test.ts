import { describe, expect, it } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { comm } from '../../host/engine/runtime.mjs'
import { lineReader, runCommand } from './run-command.ts'

describe('runCommand', () => {
  it('returns the exit code and the last lines of both outputs', async () => {
    const done = await runCommand('sh', ['-c', 'echo one; echo two >&2; exit 3'])
    expect(done.exitCode).toBe(3)
    expect(done.tail.split('\n').sort()).toEqual(['one', 'two'])
  })

  it('keeps a last line without a line break', async () => {
    expect((await runCommand('printf', ['a\\nb'])).tail).toBe('a\nb')
  })

  it('rejects for a missing program', async () => {
    await expect(runCommand('holdfast-no-such-program', [])).rejects.toThrow(/ENOENT/)
  })

  it('also stops processes that the program started', async () => {
    const stop = new AbortController()
    let child = ''
    const running = runCommand('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!; wait'], {
      signal: stop.signal,
      onLine: (pid) => {
        child = pid
        stop.abort(new Error('enough'))
      },
    })
    await expect(running).rejects.toThrow('enough')
    await eventually(`process ${child} to end`, () => comm(child) === undefined, { withinMs: 5_000 })
  })
})

describe('lineReader', () => {
  it('joins chunks that end anywhere, also within a character', () => {
    const lines: string[] = []
    const read = lineReader((line) => lines.push(line))
    const bytes = Buffer.from('first\r\nsecönd\nthird')
    for (const byte of bytes) read.take(Buffer.of(byte))
    read.end()
    expect(lines).toEqual(['first', 'secönd', 'third'])
  })
})
