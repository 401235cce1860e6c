import { existsSync } from 'node:fs'
import { type ProcessIdentity, lives } from '../process-identity.ts'
import { isGuarded } from './guardian.ts'
import { findLeftovers, removeRun } from './leftovers.ts'
import { owners, removeOwner } from './owner.ts'
import { undoIntents } from './undo-intents.ts'

/**
 * The last dead man's switch: harness and guardian died together, and whoever starts next undoes what they have left. A run
 * that was not to be kept is removed, a cluster that is kept is healed. What somebody alive holds, harness or guardian, is left
 * to them.
 */
export async function undoAbandoned(say: (text: string) => void): Promise<void> {
  const present = new Set((await findLeftovers()).map(({ run }) => run))
  for (const [run, owner] of await owners()) {
    try {
      if (!present.has(run)) {
        // Written down, and nothing more: of a cluster that is kept, its folder says what it is.
        if (owner.kept ? !existsSync(owner.folder) : !lives(owner)) await removeOwner(run)
      } else if (owner.kept) {
        await undoNobodys(run, owner.folder, say)
      } else if (isNobodys(owner.folder)({ holder: owner })) {
        say(`removing what is left of run ${run}, which ended abruptly`)
        await removeRun(run)
        await removeOwner(run)
      }
    } catch (error) {
      // It is no reason not to begin: it is tried again by the next one, and by `holdfast clean`.
      say(`what run ${run} left could not be undone: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** The same for one cluster that is kept. @throws what could not be undone, after everything was tried */
export async function undoNobodys(run: string, folder: string, say: (text: string) => void): Promise<void> {
  const undone = await undoIntents(run, folder, isNobodys(folder))
  if (undone > 0) say(`undid ${undone} faults on ${run} that nobody was left to undo`)
}

function isNobodys(folder: string): (what: { readonly holder: ProcessIdentity }) => boolean {
  return ({ holder }) => !lives(holder) && !isGuarded(folder, holder.pid)
}
