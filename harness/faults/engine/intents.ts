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
import { errorMessage } from '../../common/error-message.mjs'
import { isAbsent } from '../../agent/ttl/absence.ts'
import { identityOf, lives, thisProcess } from '../../common/process-identity.ts'
import { undoSchema } from './undo.ts'

const intentSchema = z.object({
  lease: z.string(),
  fault: z.string(),
  /** End of the TTL, in milliseconds on the host's monotonic clock. */
  until: z.number(),
  /** The injecting process. */
  holder: z.object({ pid: z.number(), startedAt: z.string() }),
  undo: z.array(undoSchema),
  /** Exclusive claims, respected by all processes. */
  claims: z.array(z.string()).default([]),
})

/** A fault that is active or about to be injected, with all that another process needs to revert it. */
export type Intent = z.infer<typeof intentSchema>

/** States of an intent, as the extension of its file. */
const [unfinished, announced, inForce] = ['new', 'announced', 'json']

/**
 * The active faults, one file each in the run's folder. The file exists from before the injection until after the reversal,
 * so that another process can always revert the fault.
 */
export class Intents {
  readonly #folder: string

  /** `folder` is the run's folder. */
  constructor(folder: string) {
    this.#folder = join(folder, 'intents')
  }

  /** Stores an intent durably (fsync of file and folder). @throws when the write fails */
  write(intent: z.input<typeof intentSchema>): void {
    this.announce(intent)
    this.confirm(intent.lease)
  }

  /** Makes an intent visible to other processes; the injection must wait for `confirm`. @throws when the write fails */
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

  /** Turns an announced intent into an active one. */
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

  /** Active faults of other processes on the same cluster. */
  ofOthers(): Intent[] {
    return this.all().filter(isAnothers)
  }

  /** Announced intents of other running processes. Call it before `ofOthers`, which then contains intents confirmed meanwhile. */
  announcedByOthers(): Intent[] {
    return this.#read(announced).filter((intent) => isAnothers(intent) && lives(intent.holder))
  }

  /** Removes announced and unfinished intents of processes that died before their injection. */
  sweep(): void {
    for (const { lease, holder } of this.#read(announced)) if (!lives(holder)) this.withdraw(lease)
    for (const name of names(this.#folder, unfinished)) {
      const [pid] = name.split('.').slice(-2)
      if (!lives(identityOf(Number(pid)))) rmSync(join(this.#folder, name), { force: true })
    }
  }

  /** Lists intents that can't be read, with reasons: these faults may be active. */
  unreadable(): string[] {
    const failed: string[] = []
    this.#read(inForce, (name, error) => failed.push(`${name}: ${errorMessage(error)}`))
    return failed
  }

  /** Reads the intents of a state. Skips one that has just changed its state; reports one that can't be read to `onFailure`. */
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
    // An absent folder: no intent was stored, or the run's folder is removed.
    if (!isAbsent(error)) onFailure(folder, error)
    return []
  }
}
