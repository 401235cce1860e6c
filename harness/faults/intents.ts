import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { thisProcess } from '../process-identity.ts'
import { undoSchema } from './undo.ts'

const intentSchema = z.object({
  lease: z.string(),
  fault: z.string(),
  /** When its time to live is over, milliseconds on the host's monotonic clock. */
  until: z.number(),
  /** The process that injects it. */
  holder: z.object({ pid: z.number(), startedAt: z.string() }),
  undo: z.array(undoSchema),
  /** What it has for itself: another process refuses what excludes it. */
  claims: z.array(z.string()).default([]),
})

/** A fault that is about to be injected, or in force: all that somebody else needs to undo it. */
export type Intent = z.infer<typeof intentSchema>

/**
 * The faults that are in force, one file each in the run's folder, there before anything is touched and gone after it has
 * ended. Without the file there is no injection: what nobody could undo is not done.
 */
export class Intents {
  readonly #folder: string

  /** `folder` is the run's own. */
  constructor(folder: string) {
    this.#folder = join(folder, 'intents')
  }

  /** On the disk itself when it returns, with its name. @throws when the disk does not take it */
  write(intent: z.input<typeof intentSchema>): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = this.#path(intent.lease)
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeSync(file, JSON.stringify(intent))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.new`, path)
    const folder = openSync(this.#folder, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  }

  remove(lease: string): void {
    rmSync(this.#path(lease), { force: true })
  }

  /** One that can't be read was not written to its end, and nothing was touched for it. */
  all(): Intent[] {
    return names(this.#folder).flatMap((name) => {
      try {
        return [intentSchema.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')))]
      } catch {
        return []
      }
    })
  }

  /** What other processes have in force on the same cluster: nobody else tells us. */
  ofOthers(): Intent[] {
    const { pid, startedAt } = thisProcess()
    return this.all().filter(({ holder }) => holder.pid !== pid || holder.startedAt !== startedAt)
  }

  #path(lease: string): string {
    return join(this.#folder, `${lease}.json`)
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
}
