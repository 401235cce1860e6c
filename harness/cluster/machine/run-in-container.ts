import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import type Dockerode from 'dockerode'

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a command in a container through the engine's API, without a `docker` program.
 * @throws when the engine can't start it, and the signal's reason when it is aborted: the command itself then continues
 */
export async function execInContainer(
  container: Dockerode.Container,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<CommandResult> {
  signal?.throwIfAborted()
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({ hijack: true, stdin: false })
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  container.modem.demuxStream(stream, stdout, stderr)
  const whole = Promise.all([text(stdout), text(stderr)])
  try {
    await finished(stream, { writable: false, ...(signal ? { signal } : {}) })
  } finally {
    stream.destroy()
    stdout.end()
    stderr.end()
  }
  const [output, errors] = await whole
  const { ExitCode } = await exec.inspect()
  return { exitCode: ExitCode ?? 255, stdout: output, stderr: errors }
}

/** Runs a command that has to succeed. @throws with the end of its output when it does not end with 0 */
export async function runInContainer(container: Dockerode.Container, argv: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await execInContainer(container, argv)
  if (exitCode === 0) return
  throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${(stdout + stderr).trim().slice(-2_000)}`)
}
