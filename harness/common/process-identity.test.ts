import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { lives, thisProcess } from './process-identity.ts'

test('a process is alive, and another process with its pid is not the same', () => {
  const own = thisProcess()
  expect(lives(own)).toBe(true)
  expect(lives({ ...own, startedAt: `${Number(own.startedAt) + 1}` })).toBe(false)
})

test.runIf(process.platform === 'linux')('a zombie counts as dead', async () => {
  // `sleep` replaces the shell and never waits for the child, which stays a zombie.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const pid = Number(String((await once(parent.stdout, 'data'))[0]))
    const fields = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    await eventually('the child to be a zombie', () => fields()[0] === 'Z', { timeoutMs: 5_000 })
    expect(lives({ pid, startedAt: fields()[19] ?? '' })).toBe(false)
  } finally {
    parent.kill('SIGKILL')
  }
})
