import { execFile } from 'node:child_process'

/** Runs a program of the machine and resolves with its output. @throws with its error output */
export function command(name: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(name, args, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${name}: ${stderr.trim() || error.message}`)) : resolve(stdout),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
  })
}

/** Runs a program and resolves with whether it succeeded. */
export function succeeds(name: string, args: readonly string[]): Promise<boolean> {
  return command(name, args).then(
    () => true,
    () => false,
  )
}
