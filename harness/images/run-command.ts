import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly exitCode: number
  /** The last 200 lines of both outputs, in the order in which they came. */
  readonly tail: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
  /** Called with each line of output. */
  readonly onLine?: (line: string) => void
}

/** Runs a program to its end. Rejects when it can't be started or when the signal stops it, not when it fails. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  options.signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    // Its own process group: stopping a build must also stop the compilers that it started.
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const lines: string[] = []
    const stop = (): void => {
      if (child.pid !== undefined) killGroup(child.pid)
    }
    const take = lineReader((line) => {
      lines.push(line)
      if (lines.length > 200) lines.shift()
      options.onLine?.(line)
    })
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    process.once('exit', stop)
    options.signal?.addEventListener('abort', stop, { once: true })
    const settle = (finish: () => void): void => {
      process.off('exit', stop)
      options.signal?.removeEventListener('abort', stop)
      finish()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (code, killed) =>
      settle(() => {
        if (options.signal?.aborted) reject(options.signal.reason as Error)
        else resolve({ exitCode: code ?? 128, tail: lines.join('\n') + (killed ? `\nended by ${killed}` : '') })
      }),
    )
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended already.
  }
}

/** Cuts chunks of output into lines. */
export function lineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = ''
  return (chunk) => {
    const parts = (rest + chunk.toString('utf8')).split(/[\r\n]+/)
    rest = parts.pop() ?? ''
    for (const line of parts) if (line) onLine(line)
  }
}
