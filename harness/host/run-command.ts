import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readLines } from '../common/lines.ts'

const keptLines = 200

export interface CommandResult {
  readonly exitCode: number
  /** The last 200 lines of both outputs, in order of arrival. */
  readonly tail: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
  /** Called with each line of output. */
  readonly onLine?: (line: string) => void
}

/** Keeps the last lines of an output. A carriage return separates lines too: progress bars use it. */
export class OutputTail {
  readonly #lines: string[] = []
  readonly #onLine: (line: string) => void

  constructor(onLine: (line: string) => void = () => undefined) {
    this.#onLine = onLine
  }

  readonly take = (output: string): void => {
    for (const line of output.split('\r').filter((part) => part !== '')) {
      this.#lines.push(line)
      if (this.#lines.length > keptLines) this.#lines.shift()
      this.#onLine(line)
    }
  }

  toString(): string {
    return this.#lines.join('\n')
  }
}

/**
 * Runs a program to its end, without a shell. Aborting the signal also stops the processes that it started.
 * @throws when it can't be started or when the signal aborts, but not when it fails
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env, signal, onLine }: CommandOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted()
  // Its own process group, so that a stopped build also stops the compilers that it started.
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const tail = new OutputTail(onLine)
  let killTimer: NodeJS.Timeout | undefined
  const stop = (): void => {
    killGroup(child.pid, 'SIGTERM')
    killTimer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), 5000)
  }
  process.once('exit', stop)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const ended = once(child, 'close') as Promise<[code: number | null, killed: NodeJS.Signals | null]>
    const outputs = [child.stdout, child.stderr].map((output) => readLines(output, tail.take))
    const [[code, killed]] = await Promise.all([ended, ...outputs])
    signal?.throwIfAborted()
    return { exitCode: code ?? 128, tail: `${String(tail)}${killed ? `\nended by ${killed}` : ''}` }
  } finally {
    clearTimeout(killTimer)
    process.off('exit', stop)
    signal?.removeEventListener('abort', stop)
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The process group has ended.
  }
}
