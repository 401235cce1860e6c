import { spawn } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'

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

/** Runs a program to its end. Rejects when it can't be started or when the signal aborts, not when it fails. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  options.signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    // Its own process group, so that a stopped build also stops the compilers that it started.
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const lines: string[] = []
    let killTimer: NodeJS.Timeout | undefined
    const stop = (): void => {
      const { pid } = child
      if (pid === undefined) return
      killGroup(pid, 'SIGTERM')
      killTimer = setTimeout(() => killGroup(pid, 'SIGKILL'), 5000)
    }
    const keep = (line: string): void => {
      lines.push(line)
      if (lines.length > 200) lines.shift()
      options.onLine?.(line)
    }
    // One reader for each output, so that their lines don't mix.
    const readers = [child.stdout, child.stderr].map((output) => {
      const reader = lineReader(keep)
      output.on('data', reader.take)
      return reader
    })
    process.once('exit', stop)
    options.signal?.addEventListener('abort', stop, { once: true })
    const settle = (finish: () => void): void => {
      clearTimeout(killTimer)
      process.off('exit', stop)
      options.signal?.removeEventListener('abort', stop)
      finish()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (code, killed) =>
      settle(() => {
        for (const reader of readers) reader.end()
        if (options.signal?.aborted) reject(options.signal.reason as Error)
        else resolve({ exitCode: code ?? 128, tail: lines.join('\n') + (killed ? `\nended by ${killed}` : '') })
      }),
    )
  })
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The process group has already ended.
  }
}

/** Splits chunks of output into lines. `end` passes on an incomplete last line. */
export function lineReader(onLine: (line: string) => void): { take: (chunk: Buffer) => void; end: () => void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    take: (chunk) => {
      const parts = (rest + decoder.write(chunk)).split(/[\r\n]+/)
      rest = parts.pop() ?? ''
      for (const line of parts) if (line) onLine(line)
    },
    end: () => {
      rest += decoder.end()
      if (rest) onLine(rest)
      rest = ''
    },
  }
}
