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
import { isAbsent } from '../cluster/agent/absence.ts'
import { identityOf, lives, thisProcess } from '../process-identity.ts'
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

/** How far an intent has come, as the end of its file's name. */
const [unfinished, announced, inForce] = ['new', 'announced', 'json']

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
    this.announce(intent)
    this.confirm(intent.lease)
  }

  /** For the others to see, and not in force yet: nothing may be touched before `confirm`. @throws when the disk does not take it */
  announce(intent: z.input<typeof intentSchema>): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = this.#path(intent.lease, `${process.pid}.${unfinished}`)
    const file = openSync(path, 'w', 0o600)
    try {
      writeSync(file, JSON.stringify(intent))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(path, this.#path(intent.lease, announced))
  }

  /** What was announced is in force from here on. */
  confirm(lease: string): void {
    renameSync(this.#path(lease, announced), this.#path(lease, inForce))
    const folder = openSync(this.#folder, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  }

  withdraw(lease: string): void {
    rmSync(this.#path(lease, announced), { force: true })
  }

  remove(lease: string): void {
    rmSync(this.#path(lease, inForce), { force: true })
  }

  all(): Intent[] {
    return this.#read(inForce)
  }

  /** What other processes have in force on the same cluster: nobody else tells us. */
  ofOthers(): Intent[] {
    return this.all().filter(isAnothers)
  }

  /** What other processes that live are about to do. Asked before `ofOthers`: what becomes an intent meanwhile is seen there. */
  announcedByOthers(): Intent[] {
    return this.#read(announced).filter((intent) => isAnothers(intent) && lives(intent.holder))
  }

  /** Takes away what was announced, or not even that, by a process that died before it touched anything. */
  sweep(): void {
    for (const { lease, holder } of this.#read(announced)) if (!lives(holder)) this.withdraw(lease)
    for (const name of names(this.#folder, unfinished)) {
      const [pid] = name.split('.').slice(-2)
      if (!lives(identityOf(Number(pid)))) rmSync(join(this.#folder, name), { force: true })
    }
  }

  /** What can't be read of all this, with the reasons: whether a fault is in force is not known then. */
  unreadable(): string[] {
    const failed: string[] = []
    this.#read(inForce, (name, error) =>
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`),
    )
    return failed
  }

  /** One that is gone when it is read has just become something else. Those that can't be read are left out, and told. */
  #read(state: string, onFailure: (name: string, error: unknown) => void = () => undefined): Intent[] {
    return names(this.#folder, state, onFailure).flatMap((name) => {
      try {
        return [intentSchema.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')))]
      } catch (error) {
        if (!isAbsent(error)) onFailure(name, error)
        return []
      }
    })
  }

  #path(lease: string, state: string): string {
    return join(this.#folder, `${lease}.${state}`)
  }
}

function isAnothers({ holder }: Intent): boolean {
  const { pid, startedAt } = thisProcess()
  return holder.pid !== pid || holder.startedAt !== startedAt
}

function names(
  folder: string,
  state: string,
  onFailure: (name: string, error: unknown) => void = () => undefined,
): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(`.${state}`))
  } catch (error) {
    // Nothing was ever written down, or the run's folder was removed.
    if (!isAbsent(error)) onFailure(folder, error)
    return []
  }
}
