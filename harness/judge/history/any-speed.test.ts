import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crowded, quota, type Throttle } from './testing/cpu-share.ts'

const program = join(import.meta.dirname, 'testing', 'judge-on-message.ts')
const answer = z.object({ verdict: z.string(), ranMs: z.number(), tookMs: z.number() })
/** Some 300,000 configurations: more than a second at full speed. */
const writers = 14
const share = 0.1

/** Judges the same journal in a process of its own, throttled from the start of judging. */
async function judged(throttle?: Throttle): Promise<z.infer<typeof answer>> {
  const child = spawn(process.execPath, [program, 'apiserver', 'API-03', `${writers}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await using cleanup = new AsyncDisposableStack()
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  if (throttle) cleanup.use(await throttle(child))
  cleanup.defer(async () => {
    child.kill('SIGKILL')
    await ended
  })
  child.stdin.write('judge\n')
  const { value } = await lines.next()
  return answer.parse(JSON.parse(String(value)))
}

test('the verdict is the same, byte for byte, however little CPU time the judge gets', { timeout: 0 }, async () => {
  const fast = await judged()
  const slow = await judged(quota(share) ?? crowded)
  // The throttling worked: the elapsed time was several times the CPU time.
  expect(slow.tookMs).toBeGreaterThan(3 * slow.ranMs)
  expect(JSON.parse(fast.verdict)).toMatchObject({ contract: 'API-03', status: 'fail' })
  expect(slow.verdict).toBe(fast.verdict)
})
