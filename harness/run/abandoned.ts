import { type ProcessIdentity, lives } from '../process-identity.ts'
import { isGuarded } from './guardian.ts'
import { removeRun } from './leftovers.ts'
import { type RunOnEngine, findRuns } from './runs-on-engine.ts'
import { undoIntents } from './undo-intents.ts'

/**
 * The last dead man's switch: harness and guardian died together, and the next command undoes what they have left. A run
 * whose owner is proven dead is removed, a kept cluster of this user's is healed. A run of an unknown owner is left alone
 * and reported.
 */
export async function undoAbandoned(say: (text: string) => void): Promise<void> {
  for (const found of await findRuns()) {
    try {
      await undoOne(found, say)
    } catch (error) {
      // It is no reason not to begin: it is tried again by the next one, and by `holdfast clean`.
      say(`what run ${found.run} left could not be undone: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

async function undoOne({ run, state, folder, mine, owner }: RunOnEngine, say: (text: string) => void): Promise<void> {
  // The holders of faults are known by their pids alone, which mean nothing in another user's or container's processes.
  if (state === 'kept' && mine) return undoNobodys(run, folder, say)
  if (state === 'unknown') say(`run ${run} is left alone: its owner can't be checked from here. See: holdfast clean`)
  if (state !== 'dead' || (owner && isGuarded(folder, owner.pid))) return
  say(`removing what is left of run ${run}, which ended abruptly`)
  await removeRun(run)
}

/** The same for one cluster that is kept. @throws what could not be undone, after everything was tried */
export async function undoNobodys(run: string, folder: string, say: (text: string) => void): Promise<void> {
  const undone = await undoIntents(run, folder, isNobodys(folder))
  if (undone > 0) say(`undid ${undone} faults on ${run} that nobody was left to undo`)
}

function isNobodys(folder: string): (what: { readonly holder: ProcessIdentity }) => boolean {
  return ({ holder }) => !lives(holder) && !isGuarded(folder, holder.pid)
}
