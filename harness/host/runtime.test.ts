import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { comm, runtimePath, withRuntime, withholdsSysResource } from './runtime.mjs'

describe('withholdsSysResource', () => {
  test('reads bit 24 of the bounding set', () => {
    expect(withholdsSysResource('CapEff:\t0\nCapBnd:\t000001fffeffffff\n')).toBe(true)
    expect(withholdsSysResource('CapEff:\t0\nCapBnd:\t000001ffffffffff\n')).toBe(false)
  })
  test('takes no answer for no lack', () => expect(withholdsSysResource('Name:\tx\n')).toBe(false))
})

describe('withRuntime', () => {
  const ours = { holdfast: { path: runtimePath } }
  test('keeps every key and runtime that is there', () => {
    const before = {
      'data-root': '/big',
      runtimes: { nvidia: { path: 'nvidia-runtime' } },
      'default-runtime': 'nvidia',
    }
    expect(JSON.parse(withRuntime(JSON.stringify(before)) ?? '')).toEqual({
      ...before,
      runtimes: { ...before.runtimes, ...ours },
    })
  })
  test('makes a file where there is none or an empty one', () => {
    expect(JSON.parse(withRuntime('') ?? '')).toEqual({ runtimes: ours })
    expect(JSON.parse(withRuntime(' \n') ?? '')).toEqual({ runtimes: ours })
  })
  test('has nothing to do the second time', () => expect(withRuntime(withRuntime('') ?? '')).toBeUndefined())
  test.each(['{', '[]', 'null', '"x"'])('refuses to replace what is not an object: %s', (text) => {
    expect(() => withRuntime(text)).toThrow()
  })
})

test.runIf(process.platform === 'linux')(
  'a process that was killed and not yet asked about does not live',
  async () => {
    // The shell turns into a program that never asks about the child it was given; only then is the child let go.
    const parent = spawn('sh', ['-c', 'sh -c "read line <&3" & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    })
    const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer]
    const pid = line.toString().trim()
    const patience = { withinMs: 30_000 }
    await eventually('the shell to be a program', () => comm(parent.pid ?? 0) === 'sleep', patience)
    ;(parent.stdio[3] as Writable).end()
    const zombie = (): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    await eventually('the child to be a zombie', zombie, patience)
    expect(comm(pid)).toBeUndefined()
    expect(comm(process.pid)).toBeDefined()
    parent.kill('SIGKILL')
  },
)
