import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { killScheduler } from '../judge/testing/stories.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

test('tail tells what is new as it is written, in plain lines, and ends with the run', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-tail-'))
  const run = join(folder.path, 'reports/out/run-1')
  mkdirSync(run, { recursive: true })
  const journal = join(run, 'journal.ndjson')
  const lines = killScheduler().map((record) => `${JSON.stringify(record)}\n`)
  const healed = lines.findIndex((line) => line.includes('"edge":"healed"'))
  const [before, after] = [lines.slice(0, healed).join(''), lines.slice(healed).join('')]
  // The writer is in the middle of a line.
  writeFileSync(journal, before + after.slice(0, 20))
  const tail = spawn(process.execPath, [main, 'tail'], { cwd: folder.path, stdio: ['ignore', 'pipe', 'inherit'] })
  using _ = { [Symbol.dispose]: () => void tail.kill('SIGKILL') }
  let told = ''
  const until = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!told.includes(text)) return
        tail.stdout.off('data', look)
        resolve()
      }
      tail.stdout.on('data', look)
      look()
    })
  tail.stdout.setEncoding('utf8').on('data', (text: string) => (told += text))
  const ended = new Promise<number | null>((resolve) => tail.on('close', resolve))
  await until('kill kube-scheduler@control-plane1: in force')
  expect(told).not.toContain('healed')
  appendFileSync(journal, after.slice(20))
  await until('kill-scheduler: completed')
  writeFileSync(join(run, 'summary.json'), '{}')
  expect(await ended).toBe(0)
  expect(told).toMatch(/^ +\d+\.\d s {2}kill kube-scheduler@control-plane1: healed after \d/m)
  expect(told).toContain('kube-scheduler: control-plane1 leads')
  expect(told).toMatch(/^[\x20-\x7e\n]*$/)
})
