import { describe, expect, test } from 'vitest'
import { runtimePath, withRuntime, withholdsSysResource } from './runtime.mjs'

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
