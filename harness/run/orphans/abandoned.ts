import { errorMessage } from '../../common/error-message.mjs'
import { type ProcessIdentity, lives } from '../../common/process-identity.ts'
import { isGuarded } from '../guardian/guardian.ts'
import { removeRun } from './leftovers.ts'
import { type RunOnEngine, findRuns } from './runs-on-engine.ts'
import { undoIntents } from '../guardian/undo-intents.ts'

/**
 * Cleans up orphaned runs, whose harness and guardian are both dead. Removes a run whose owner is proven dead; heals a kept
 * cluster of this user. Reports runs with an unknown owner and leaves them alone.
 */
export async function undoAbandoned(report: (text: string) => void): Promise<void> {
  for (const found of await findRuns()) {
    try {
      await undoOne(found, report)
    } catch (error) {
      // The new run continues: the next command and `holdfast clean` try again.
      report(`can't clean up run ${found.run}: ${errorMessage(error)}`)
    }
  }
}

async function undoOne(
  { run, state, folder, mine, owner }: RunOnEngine,
  report: (text: string) => void,
): Promise<void> {
  // Holders of faults are known only by pid, which means nothing for another user or pid namespace.
  if (state === 'kept' && mine) return undoNobodys(run, folder, report)
  if (state === 'unknown')
    report(`run ${run} stays: this process can't check whether its owner is alive. See: holdfast clean`)
  if (state !== 'dead' || (owner && isGuarded(folder, owner.pid))) return
  report(`removing the remains of run ${run}, which ended abruptly`)
  await removeRun(run)
}

/** Reverts orphaned faults of one kept cluster. @throws the first error, after everything was tried */
export async function undoNobodys(run: string, folder: string, report: (text: string) => void): Promise<void> {
  const undone = await undoIntents(run, folder, isOrphaned(folder))
  if (undone > 0) report(`reverted ${undone} orphaned faults on ${run}`)
}

function isOrphaned(folder: string): (what: { readonly holder: ProcessIdentity }) => boolean {
  return ({ holder }) => !lives(holder) && !isGuarded(folder, holder.pid)
}
