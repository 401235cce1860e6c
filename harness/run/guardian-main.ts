import { setTimeout as delay } from 'node:timers/promises'
import { Intents } from '../faults/intents.ts'
import { now } from '../record/clock.ts'

/*
 * The guardian's process (see guardian.ts). Reads its input to the end: `done` means that nothing is left to undo. Docker's
 * client is loaded only when it is needed, so that a guardian that waits weighs little.
 */

const [run = '', folder = '', pid = '', startedAt = ''] = process.argv.slice(2)
/** The harness's own process: what others have in force on the same cluster is guarded by theirs. */
const harness = { pid: Number(pid), startedAt }
const watchEveryMs = 1_000
/** How long an engine may be at a container that it was asked for. */
const stillMakingMs = 1_000
/** How long after its time a lease has to be over: until then the machine, or the harness, is at it. */
const lateMs = 2_000

let heard = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => (heard += text))
process.stdin.on('end', () => {
  clearInterval(watch)
  if (heard.includes('done')) process.exit(0)
  void undo()
})
// A terminal's Ctrl-C and a closed session reach the whole group: the guardian outlives both.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined)

/** A harness that hangs ends no lease: those whose time is over are undone while it is still there. */
let undoing = false
const intents = new Intents(folder)
const watch = setInterval(() => {
  const late = intents.all().filter((intent) => isOurs(intent) && now() > intent.until + lateMs)
  if (late.length === 0 || undoing) return
  undoing = true
  void undoLate().finally(() => (undoing = false))
}, watchEveryMs)

async function undoLate(): Promise<void> {
  try {
    const { undoIntents } = await import('./undo-intents.ts')
    const undone = await undoIntents(run, folder, (intent) => isOurs(intent) && now() > intent.until + lateMs)
    say(`undid ${undone} faults whose time was over`)
  } catch (error) {
    complain(error)
  }
}

/** An engine that is itself restarting is waited for: what it holds comes back with it. */
async function undo(): Promise<void> {
  const until = Date.now() + 300_000
  while (Date.now() < until) {
    try {
      await ((await isKept()) ? heal() : remove())
      process.exit(0)
    } catch (error) {
      complain(error)
      await delay(1_000)
    }
  }
  process.exit(1)
}

async function isKept(): Promise<boolean> {
  const { findRun } = await import('./runs-on-engine.ts')
  return (await findRun(run))?.state === 'kept'
}

/** The cluster is a person's: it stays, as it was before the faults. */
async function heal(): Promise<void> {
  const [{ undoIntents }, { outliveEngine }] = await Promise.all([
    import('./undo-intents.ts'),
    import('./outlive-engine.ts'),
  ])
  const undone = await undoIntents(run, folder, isOurs)
  // The harness may have died half way through it.
  await outliveEngine(run)
  say(`undid ${undone} faults of run ${run}, which is kept`)
}

async function remove(): Promise<void> {
  const { removeRun } = await import('./leftovers.ts')
  await removeRun(run)
  // What the engine was still making when it was looked at: who had asked for it died in the middle.
  await delay(stillMakingMs)
  await removeRun(run)
  say(`removed everything of run ${run}`)
}

function isOurs({ holder }: { readonly holder: { readonly pid: number; readonly startedAt: string } }): boolean {
  return holder.pid === harness.pid && holder.startedAt === harness.startedAt
}

function say(what: string): void {
  console.log(`${new Date().toISOString()} ${what}`)
}

function complain(error: unknown): void {
  console.error(`${new Date().toISOString()} ${error instanceof Error ? error.message : String(error)}`)
}
