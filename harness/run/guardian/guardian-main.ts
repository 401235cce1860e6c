import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../common/error-message.mjs'
import { Intents } from '../../faults/engine/intents.ts'
import { now } from '../../record/clock.ts'

/*
 * The guardian's process (see guardian.ts). It reads its input to the end: `done` means that nothing is left to revert. It loads
 * Docker's client only when needed, so that a waiting guardian uses little memory.
 */

const [run = '', folder = '', pid = '', startedAt = ''] = process.argv.slice(2)
/** The process of the harness. Faults of other processes on the same cluster have their own guardians. */
const harness = { pid: Number(pid), startedAt }
const watchEveryMs = 1_000
/** An engine may still create a container for this long after the request. */
const stillMakingMs = 1_000
/** How long after its TTL the guardian reverts a fault. Before that the machine's agent or the harness does. */
const lateMs = 2_000

let input = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => (input += text))
process.stdin.on('end', () => {
  clearInterval(watch)
  if (input.includes('done')) process.exit(0)
  void undo()
})
// Ctrl-C and the end of a terminal session signal the whole process group: the guardian must outlive both.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined)

/** A harness that hangs reverts nothing: the guardian reverts faults past their TTL while the harness is alive. */
let undoing = false
const intents = new Intents(folder)
const watch = setInterval(() => {
  const late = intents.all().filter((intent) => isOfHarness(intent) && now() > intent.until + lateMs)
  if (late.length === 0 || undoing) return
  undoing = true
  void undoLate().finally(() => (undoing = false))
}, watchEveryMs)

async function undoLate(): Promise<void> {
  try {
    const { undoIntents } = await import('./undo-intents.ts')
    const undone = await undoIntents(run, folder, (intent) => isOfHarness(intent) && now() > intent.until + lateMs)
    log(`reverted ${undone} faults past their TTL`)
  } catch (error) {
    logError(error)
  }
}

/** Waits for an engine that is restarting: its containers come back with it. */
async function undo(): Promise<void> {
  const until = Date.now() + 300_000
  while (Date.now() < until) {
    try {
      await ((await isKept()) ? heal() : remove())
      process.exit(0)
    } catch (error) {
      logError(error)
      await delay(1_000)
    }
  }
  process.exit(1)
}

async function isKept(): Promise<boolean> {
  const { findRun } = await import('../orphans/runs-on-engine.ts')
  return (await findRun(run))?.state === 'kept'
}

/** Reverts the faults of a kept cluster. */
async function heal(): Promise<void> {
  const [{ undoIntents }, { outliveEngine }] = await Promise.all([
    import('./undo-intents.ts'),
    import('./outlive-engine.ts'),
  ])
  const undone = await undoIntents(run, folder, isOfHarness)
  // The harness may have died while it did this.
  await outliveEngine(run)
  log(`reverted ${undone} faults of run ${run}, which is kept`)
}

async function remove(): Promise<void> {
  const { removeRun } = await import('../orphans/leftovers.ts')
  await removeRun(run)
  // Requests of the dead harness may still have been in progress at the first pass.
  await delay(stillMakingMs)
  await removeRun(run)
  log(`removed run ${run}`)
}

function isOfHarness({ holder }: { readonly holder: { readonly pid: number; readonly startedAt: string } }): boolean {
  return holder.pid === harness.pid && holder.startedAt === harness.startedAt
}

function log(what: string): void {
  console.log(`${new Date().toISOString()} ${what}`)
}

function logError(error: unknown): void {
  console.error(`${new Date().toISOString()} ${errorMessage(error)}`)
}
