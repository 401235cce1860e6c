import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import type Dockerode from 'dockerode'

/** Runs a command in a container. @throws with its last words when it does not end with 0 */
export async function runInContainer(container: Dockerode.Container, argv: readonly string[]): Promise<void> {
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({ hijack: true, stdin: false })
  const said = new PassThrough()
  let text = ''
  said.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-2_000)))
  container.modem.demuxStream(stream, said, said)
  await finished(stream, { writable: false })
  const { ExitCode } = await exec.inspect()
  if (ExitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${ExitCode}: ${text.trim()}`)
}
