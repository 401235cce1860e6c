import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('guardian-main.ts', import.meta.url))

/**
 * The second dead man's switch: a detached process that learns of the harness's end by the end of its own input, however
 * that came about, and then removes everything of the run. Told in time that all is done, it just leaves.
 */
export class Guardian implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>

  constructor(run: string, folder: string) {
    const log = openSync(join(folder, 'guardian.log'), 'a', 0o600)
    this.#child = spawn(process.execPath, [program, run], { detached: true, stdio: ['pipe', log, log] })
    closeSync(log)
    this.#ended = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    // It watches us and not the other way round: the harness may end while it lives.
    this.#child.unref()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Stands down: what there was to undo has been undone, or is kept on purpose. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end('done\n')
    await this.#ended
  }
}
