import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { HoldfastError } from '../../common/errors.ts'
import { Deadline } from './deadline.ts'
import { endingOf } from './ending.ts'

test.each([
  ['HF_NOT_APPLICABLE', 'not-applicable'],
  ['HF_FAULT_UNAVAILABLE', 'refused'],
  ['HF_FAULT_UNPROVEN', 'fault-unproven'],
  ['HF_SCENARIO_DEADLINE', 'timed-out'],
  ['HF_NO_AGENT', 'harness-error'],
  ['HF_NOT_IN_TIME', 'harness-error'],
] as const)('%s ends a scenario as %s', (code, outcome) => {
  expect(endingOf(new HoldfastError(code, 'It happened.', { hint: '' }))).toMatchObject({
    outcome,
    reason: 'It happened.',
  })
})

test('an exception of a scenario is a script error with file and line', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-ending-'))
  const file = join(folder.path, 'mine.mjs')
  writeFileSync(file, `\nexport function broken() {\n  throw new TypeError('x is undefined')\n}\n`)
  const { broken } = (await import(pathToFileURL(file).href)) as { broken: () => never }
  let error: unknown
  try {
    broken()
  } catch (caught) {
    error = caught
  }
  expect(endingOf(error)).toEqual({ outcome: 'script-error', reason: 'x is undefined', where: 'mine.mjs:3' })
  expect(endingOf(new Error('it broke', { cause: error }))).toMatchObject({ where: 'mine.mjs:3' })
  expect(endingOf('a text')).toEqual({ outcome: 'script-error', reason: 'a text' })
})

test('a deadline ends work that waits and work that ignores the signal, with its own code', async () => {
  using deadline = new Deadline('20ms', new AbortController().signal)
  const ignoring = new Promise<void>(() => undefined)
  await expect(deadline.race(ignoring)).rejects.toMatchObject({ code: 'HF_SCENARIO_DEADLINE' })
  const waiting = new Promise<void>((_, reject) => {
    deadline.signal.addEventListener('abort', () => reject(new Error('AbortError')))
    if (deadline.signal.aborted) reject(new Error('AbortError'))
  })
  await expect(deadline.race(waiting)).rejects.toMatchObject({ code: 'HF_SCENARIO_DEADLINE' })
})

test("the end of the run rejects with the run's reason, not with the deadline's", async () => {
  const run = new AbortController()
  using deadline = new Deadline('1h', run.signal)
  const reason = new Error('the user ended the run')
  const racing = deadline.race(new Promise<void>(() => undefined))
  run.abort(reason)
  await expect(racing).rejects.toBe(reason)
  expect(deadline.signal.aborted).toBe(true)
})

test('work that ends before the deadline keeps its result', async () => {
  using deadline = new Deadline('1h', new AbortController().signal)
  await deadline.race(Promise.resolve())
  await expect(deadline.race(Promise.reject(new Error('mine')))).rejects.toThrow('mine')
})
