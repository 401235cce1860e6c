import { describe, expect, it } from 'vitest'
import { eventually } from '../common/eventually.ts'
import { comm } from './engine/runtime.mjs'
import { OutputTail, runCommand } from './run-command.ts'

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

describe('OutputTail', () => {
  it('keeps the last lines, and each state of a progress bar', () => {
    const tail = new OutputTail()
    for (let n = 0; n < 198; n++) tail.take(`line ${n}`)
    tail.take('10%\r100%\r')
    tail.take('done')
    expect(String(tail).split('\n')).toHaveLength(200)
    expect(String(tail)).toMatch(/^line 1\n[^]*line 197\n10%\n100%\ndone$/)
  })
})
