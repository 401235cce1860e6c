import { setTimeout as delay } from 'node:timers/promises'

/*
 * The guardian's process (see guardian.ts). Reads its input to the end: `done` means that nothing is left to undo. Docker's
 * client is loaded only when it is needed, so that a guardian that waits weighs little.
 */

const run = process.argv[2] ?? ''
let heard = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => (heard += text))
process.stdin.on('end', () => {
  if (heard.includes('done')) process.exit(0)
  void undo()
})
// A terminal's Ctrl-C and a closed session reach the whole group: the guardian outlives both.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined)

/** An engine that is itself restarting is waited for: what it holds comes back with it. */
async function undo(): Promise<void> {
  const { removeRun } = await import('./leftovers.ts')
  const { removeOwner } = await import('./owner.ts')
  const until = Date.now() + 300_000
  while (Date.now() < until) {
    try {
      await removeRun(run)
      await removeOwner(run)
      console.log(`${new Date().toISOString()} removed everything of run ${run}`)
      process.exit(0)
    } catch (error) {
      console.error(`${new Date().toISOString()} ${error instanceof Error ? error.message : String(error)}`)
      await delay(1_000)
    }
  }
  process.exit(1)
}
