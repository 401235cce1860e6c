import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lock } from 'proper-lockfile'

/** Held while a build writes into a cache folder. */
export interface BuildLock extends AsyncDisposable {
  /** Whether the lock was acquired after another build, which may have made the missing image. */
  readonly waited: boolean
}

/**
 * Waits until no other build uses this cache folder. Its holder updates the lock regularly, so the lock of a killed build expires
 * within 20 seconds.
 */
export async function lockBuilds(cache: string, onWait: () => void, signal?: AbortSignal): Promise<BuildLock> {
  await mkdir(cache, { recursive: true })
  let waited = false
  for (;;) {
    signal?.throwIfAborted()
    const release = await lock(cache, {
      lockfilePath: join(cache, 'build.lock'),
      realpath: false,
      stale: 20_000,
      update: 5_000,
      // After a suspend the lock looks expired. The build continues: at worst a step is done twice.
      onCompromised: () => undefined,
    }).catch((error: unknown) => {
      if (isLocked(error)) return undefined
      throw error
    })
    if (release) return { waited, [Symbol.asyncDispose]: () => release().catch(() => undefined) }
    if (!waited) onWait()
    waited = true
    await sleep(500, undefined, signal ? { signal } : {})
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED'
}
