import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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

describe('runc-holdfast.sh', () => {
  const script = fileURLToPath(new URL('runc-holdfast.sh', import.meta.url))
  const lists = (names: readonly string[]) => ({
    bounding: names,
    effective: names,
    inheritable: names,
    permitted: names,
    ambient: [],
  })
  const config = (names: readonly string[]) => ({
    ociVersion: '1.0.2',
    process: {
      args: ['capsh', '--drop', 'CAP_SYS_RESOURCE'],
      env: ['X={"bounding":["CAP_SYS_RESOURCE"]}'],
      capabilities: lists(names),
    },
  })

  /** Runs the wrapper with a runc that only says what it was called with. */
  function call(
    words: (folder: string) => string[],
    text: string,
    file = 'config.json',
  ): { after: unknown; runc: string } {
    using temporary = mkdtempDisposableSync(join(tmpdir(), 'holdfast-runtime-'))
    const folder = temporary.path
    writeFileSync(join(folder, 'runc'), '#!/bin/sh\necho "$@"\n')
    chmodSync(join(folder, 'runc'), 0o755)
    writeFileSync(join(folder, file), text)
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }
    const runc = execFileSync('/bin/sh', [script, ...words(folder)], { env, cwd: folder, encoding: 'utf8' })
    return { after: JSON.parse(readFileSync(join(folder, file), 'utf8')), runc: runc.trim().replaceAll(folder, '') }
  }
  const create = (folder: string) => [
    '--root',
    'exec',
    '--log-format',
    'json',
    'create',
    '--bundle',
    folder,
    '--pid-file',
    '/x',
    'id',
  ]

  test.each([
    ['first', ['CAP_SYS_RESOURCE', 'CAP_CHOWN', 'CAP_KILL']],
    ['in the middle', ['CAP_CHOWN', 'CAP_SYS_RESOURCE', 'CAP_KILL']],
    ['last', ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_RESOURCE']],
    ['alone', ['CAP_SYS_RESOURCE']],
    ['absent', ['CAP_CHOWN', 'CAP_SYS_RESOURCES']],
  ])('takes the capability out of the lists only: %s', (_, names) => {
    const left = config(names.filter((name) => name !== 'CAP_SYS_RESOURCE'))
    for (const indent of [undefined, 2, '\t']) {
      expect(call(create, JSON.stringify(config(names), null, indent)).after).toEqual(left)
    }
  })
  test('finds the bundle however it is named, or in the working folder', () => {
    const text = JSON.stringify(config(['CAP_SYS_RESOURCE']))
    for (const words of [
      (f: string) => ['create', `--bundle=${f}`, 'id'],
      (f: string) => ['run', '-b', f, 'id'],
      () => ['create', 'id'],
    ]) {
      expect(call(words, text).after).toEqual(config([]))
    }
  })
  test('mends the process of an exec, and calls runc with the same words', () => {
    const text = JSON.stringify({ args: ['sh'], capabilities: lists(['CAP_CHOWN', 'CAP_SYS_RESOURCE']) })
    const { after, runc } = call(
      (f) => ['--log', 'l', 'exec', '--process', join(f, 'p.json'), '--detach', 'id'],
      text,
      'p.json',
    )
    expect(after).toEqual({ args: ['sh'], capabilities: lists(['CAP_CHOWN']) })
    expect(runc).toBe('--log l exec --process /p.json --detach id')
  })
  test('touches nothing for the other verbs', () => {
    const text = JSON.stringify(config(['CAP_SYS_RESOURCE']))
    expect(call((f) => ['kill', '--bundle', f, 'id'], text).after).toEqual(config(['CAP_SYS_RESOURCE']))
  })
})
