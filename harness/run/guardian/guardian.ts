import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ProcessIdentity, identityOf, lives, thisProcess } from '../../common/process-identity.ts'

const program = fileURLToPath(new URL('guardian-main.ts', import.meta.url))

/**
 * A detached process that detects the harness's death, however it died, by the end of its input. It then reverts the faults in
 * the harness's intents and removes the run unless it is kept. While the harness hangs, it reverts faults past their TTL. The
 * harness replaces a guardian that is killed.
 */
export class Guardian {
  readonly #run: string
  readonly #folder: string
  #child: ChildProcess
  #dismissed = false

  constructor(run: string, folder: string) {
    this.#run = run
    this.#folder = folder
    this.#child = this.#spawn()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Ends the guardian: nothing is left to revert, or the run is kept. */
  async standDown(): Promise<void> {
    this.#dismissed = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.stdin?.end('done\n')
    await ended
    rmSync(pathOf(this.#folder, process.pid), { force: true })
  }

  /** Leaves the cleanup to the guardian, which continues after this process ends. */
  takeOver(): void {
    this.#dismissed = true
    this.#child.stdin?.end()
  }

  #spawn(): ChildProcess {
    const log = openSync(join(this.#folder, 'guardian.log'), 'a', 0o600)
    const { pid, startedAt } = thisProcess()
    const child = spawn(process.execPath, [program, this.#run, this.#folder, String(pid), startedAt], {
      detached: true,
      stdio: ['pipe', log, log],
    })
    closeSync(log)
    writeFileSync(pathOf(this.#folder, pid), JSON.stringify(identityOf(child.pid ?? 0)), { mode: 0o600 })
    // The guardian must not keep the harness alive.
    child.unref()
    child.stdin?.on('error', () => undefined)
    child.once('exit', () => {
      if (!this.#dismissed) this.#child = this.#spawn()
    })
    return child
  }
}

/**
 * Whether the guardian of a harness is alive and cleans up after it. An unreadable record does not prove that it is dead, and
 * counts as alive.
 */
export function isGuarded(folder: string, harness: number): boolean {
  try {
    return lives(JSON.parse(readFileSync(pathOf(folder, harness), 'utf8')) as ProcessIdentity)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

/** Several processes may use a kept cluster, each with its own guardian. */
function pathOf(folder: string, harness: number): string {
  return join(folder, `guardian-${harness}.json`)
}
