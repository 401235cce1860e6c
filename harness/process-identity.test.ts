import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { lives, thisProcess } from './process-identity.ts'

test('a process is itself, and not another one of its number', () => {
  const own = thisProcess()
  expect(lives(own)).toBe(true)
  expect(lives({ ...own, startedAt: `${Number(own.startedAt) + 1}` })).toBe(false)
})

test.runIf(process.platform === 'linux')(
  'one that has ended lives no more, whether or not its parent has asked',
  async () => {
    // It ends once the shell has become a program that never asks for a child that it does not know of.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const pid = Number(String((await once(parent.stdout, 'data'))[0]))
      const fields = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      await eventually('the child to be a zombie', () => fields()[0] === 'Z', { withinMs: 5_000 })
      expect(lives({ pid, startedAt: fields()[19] ?? '' })).toBe(false)
    } finally {
      parent.kill('SIGKILL')
    }
  },
)
