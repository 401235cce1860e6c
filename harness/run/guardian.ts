import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ProcessIdentity, identityOf, lives, thisProcess } from '../process-identity.ts'

const program = fileURLToPath(new URL('guardian-main.ts', import.meta.url))

/**
 * The second dead man's switch: a detached process that learns of the harness's end by the end of its own input, however
 * that came about. It then undoes what the harness's intents say is in force, and removes everything of the run unless that
 * is kept; while the harness is there but hangs, it undoes what is past its time. One that is killed is replaced at once.
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

  /** There is nothing left to undo, or it is kept on purpose. */
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

  /** What is left is the guardian's from here on: it goes on trying when we are gone. */
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
    // It watches us and not the other way round: the harness may end while it lives.
    child.unref()
    child.stdin?.on('error', () => undefined)
    child.once('exit', () => {
      if (!this.#dismissed) this.#child = this.#spawn()
    })
    return child
  }
}

/**
 * Whether the guardian of a harness still lives, and so sees to what that one has left. A record that can't be read is no
 * proof that it does not: what it may guard is left to it.
 */
export function isGuarded(folder: string, harness: number): boolean {
  try {
    return lives(JSON.parse(readFileSync(pathOf(folder, harness), 'utf8')) as ProcessIdentity)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

/** Several may work on a cluster that is kept, each with a guardian of its own. */
function pathOf(folder: string, harness: number): string {
  return join(folder, `guardian-${harness}.json`)
}
