import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorMessage } from '../../common/error-message.mjs'
import { isAbsent } from './absence.ts'
import type { Action } from '../actions/known-action.ts'

/** An active fault as its record on the machine's disk: its action, and the agent whose stream holds it. */
export interface StoredFault {
  readonly id: string
  readonly action: Action
  /** When its TTL ends, milliseconds on the monotonic clock. */
  readonly until: number
  /** The agent that holds it. Pids are reused; with its start, a pid identifies one process. */
  readonly holder: { readonly pid: number; readonly startedAt: string }
}

/**
 * Stores the active faults of a machine, one file each, in a folder that survives agents and restarts of the machine.
 * Written without fsync: the files have to survive the end of a process, not of the host, after which nothing of Holdfast's
 * is left.
 */
export class AppliedFaultStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  write(stored: StoredFault): void {
    const path = this.#path(stored.id)
    writeFileSync(`${path}.new`, JSON.stringify(stored))
    renameSync(`${path}.new`, path)
  }

  remove(id: string): void {
    rmSync(this.#path(id), { force: true })
  }

  has(id: string): boolean {
    return existsSync(this.#path(id))
  }

  all(): StoredFault[] {
    return this.read().appliedFaults
  }

  /** Skips a file that is gone when it is read: its fault was reverted meanwhile. An unreadable file may stand for an active fault. */
  read(): {
    readonly appliedFaults: StoredFault[]
    readonly unreadable: { readonly id: string; readonly why: string }[]
  } {
    const appliedFaults: StoredFault[] = []
    const unreadable: { id: string; why: string }[] = []
    for (const name of readdirSync(this.#folder).filter((one) => one.endsWith('.json'))) {
      try {
        appliedFaults.push(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as StoredFault)
      } catch (error) {
        const why = errorMessage(error)
        if (!isAbsent(error)) unreadable.push({ id: name.replace(/\.json$/, ''), why })
      }
    }
    return { appliedFaults, unreadable }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}
