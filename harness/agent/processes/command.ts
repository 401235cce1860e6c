import { execFile } from 'node:child_process'
import { now } from '../../record/clock.ts'
import type { CommandResult } from '../rpc/results.ts'

const maxBuffer = 256 * 1024 * 1024

/** Runs a program of the machine and resolves with its output. @throws with its error output */
export function command(name: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(name, args, { maxBuffer }, (error, stdout, stderr) =>
      error ? reject(new Error(`${name}: ${stderr.trim() || error.message}`)) : resolve(stdout),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
  })
}

/** Runs a program and resolves with whether it succeeded. */
export function tryCommand(name: string, args: readonly string[]): Promise<boolean> {
  return command(name, args).then(
    () => true,
    () => false,
  )
}

/** Runs a program and resolves with its outcome, whatever it is. Without an exit code of its own it is 255. */
export function execute([name = '', ...args]: readonly string[], timeoutMs: number): Promise<CommandResult> {
  const at = now()
  return new Promise((resolve) => {
    execFile(name, args, { timeout: timeoutMs, maxBuffer }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 255
      const text = stderr || (error && exitCode === 255 ? error.message : '')
      resolve({ at, endedAt: now(), exitCode, stdout, stderr: text })
    })
  })
}
