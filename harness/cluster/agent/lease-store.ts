import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAbsent } from './absence.ts'
import type { Action } from './protocol.ts'

/** A lease as it lies on the disk of its machine: what is in force, and whose stream it hangs on. */
export interface StoredLease {
  readonly lease: string
  readonly action: Action
  /** When its time to live is over, milliseconds on the monotonic clock. */
  readonly until: number
  /** The agent that holds it. A pid can be given again: with the process's start it names one process for good. */
  readonly holder: { readonly pid: number; readonly startedAt: string }
}

/**
 * The leases of a machine, one file each, in a folder that outlives agents and restarts of the machine. Written without
 * fsync: they have to survive the end of a process, and of a host nothing of ours survives anyway.
 */
export class LeaseStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  write(stored: StoredLease): void {
    const path = this.#path(stored.lease)
    writeFileSync(`${path}.new`, JSON.stringify(stored))
    renameSync(`${path}.new`, path)
  }

  remove(lease: string): void {
    rmSync(this.#path(lease), { force: true })
  }

  has(lease: string): boolean {
    return existsSync(this.#path(lease))
  }

  all(): StoredLease[] {
    return this.read().leases
  }

  /** One that is gone when it is read was released meanwhile. What one that can't be read stands for may be in force. */
  read(): { readonly leases: StoredLease[]; readonly unreadable: { readonly lease: string; readonly why: string }[] } {
    const leases: StoredLease[] = []
    const unreadable: { lease: string; why: string }[] = []
    for (const name of readdirSync(this.#folder).filter((one) => one.endsWith('.json'))) {
      try {
        leases.push(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as StoredLease)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        if (!isAbsent(error)) unreadable.push({ lease: name.replace(/\.json$/, ''), why })
      }
    }
    return { leases, unreadable }
  }

  #path(lease: string): string {
    return join(this.#folder, `${lease}.json`)
  }
}
