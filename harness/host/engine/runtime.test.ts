import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { comm, runtimePath, withRuntime, withholdsSysResource } from './runtime.mjs'

describe('withholdsSysResource', () => {
  test('reads bit 24 of the bounding set', () => {
    expect(withholdsSysResource('CapEff:\t0\nCapBnd:\t000001fffeffffff\n')).toBe(true)
    expect(withholdsSysResource('CapEff:\t0\nCapBnd:\t000001ffffffffff\n')).toBe(false)
  })
  test('is false if the status has no bounding set', () => expect(withholdsSysResource('Name:\tx\n')).toBe(false))
})

describe('withRuntime', () => {
  const registered = { holdfast: { path: runtimePath } }
  test('keeps all other keys and runtimes', () => {
    const before = {
      'data-root': '/big',
      runtimes: { nvidia: { path: 'nvidia-runtime' } },
      'default-runtime': 'nvidia',
    }
    expect(JSON.parse(withRuntime(JSON.stringify(before)) ?? '')).toEqual({
      ...before,
      runtimes: { ...before.runtimes, ...registered },
    })
  })
  test('creates the content of a missing or empty file', () => {
    expect(JSON.parse(withRuntime('') ?? '')).toEqual({ runtimes: registered })
    expect(JSON.parse(withRuntime(' \n') ?? '')).toEqual({ runtimes: registered })
  })
  test('changes nothing the second time', () => expect(withRuntime(withRuntime('') ?? '')).toBeUndefined())
  test.each(['{', '[]', 'null', '"x"'])('refuses content that is not a JSON object: %s', (text) => {
    expect(() => withRuntime(text)).toThrow()
  })
})

test.runIf(process.platform === 'linux')('a killed process that its parent has not reaped is not alive', async () => {
  // The shell becomes a program that never reaps its child; only then the child may end.
  const parent = spawn('sh', ['-c', 'sh -c "read line <&3" & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer]
  const pid = line.toString().trim()
  const options = { timeoutMs: 30_000 }
  await eventually('the shell to be a program', () => comm(parent.pid ?? 0) === 'sleep', options)
  ;(parent.stdio[3] as Writable).end()
  const zombie = (): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  await eventually('the child to be a zombie', zombie, options)
  expect(comm(pid)).toBeUndefined()
  expect(comm(process.pid)).toBeDefined()
  parent.kill('SIGKILL')
})
