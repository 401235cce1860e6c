import { execFile } from 'node:child_process'

/** Runs a program of the machine and answers with what it prints. @throws with what it complains about */
export function command(name: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(name, args, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${name}: ${stderr.trim() || error.message}`)) : resolve(stdout),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
  })
}

/** The same for whoever wants to know only whether it went well. */
export function succeeds(name: string, args: readonly string[]): Promise<boolean> {
  return command(name, args).then(
    () => true,
    () => false,
  )
}
