import { type Duplex, PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { HoldfastError } from '../../common/errors.ts'
import { inTime } from '../../common/in-time.ts'
import { now } from '../../record/clock.ts'
import type { Event } from '../../agent/rpc/protocol.ts'
import { clockOffset } from './clock-offset.ts'
import { Connection } from '../../agent/rpc/connection.ts'
import { paths } from '../../agent/paths.ts'

/** A busy engine takes a second or two to start a process. */
const startsWithinMs = 60_000

interface AgentStream {
  readonly connection: Connection
  /** Milliseconds to add to the machine's times to convert them to the harness's clock. */
  readonly offset: number
}

/**
 * Starts an agent in a machine and connects to it.
 * @throws HoldfastError HF_NO_AGENT with the machine's output
 */
export async function startAgent(
  container: Dockerode.Container,
  machine: string,
  onEvent: (event: Event) => void,
): Promise<AgentStream> {
  const stream = await execInTime(container, machine)
  const [out, errors] = [new PassThrough(), new PassThrough()]
  container.modem.demuxStream(stream, out, errors)
  stream.on('close', () => out.end())
  stream.on('end', () => out.end())
  let complaint = ''
  errors.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)))
  const connection = new Connection(machine, out, stream, onEvent)
  try {
    const requestedAt = now()
    const { at } = await connection.call('hello', {})
    return { connection, offset: clockOffset(requestedAt, at, now()) }
  } catch (cause) {
    throw new HoldfastError(
      'HF_NO_AGENT',
      `No agent answers in ${machine}${complaint ? `: ${complaint.trim()}` : ''}.`,
      { hint: 'Check its logs: `docker logs`.', cause },
    )
  }
}

/** The time limit cancels the exec request only, not the stream that it opens. */
function execInTime(container: Dockerode.Container, machine: string): Promise<Duplex> {
  const limit = { withinMs: startsWithinMs, hint: 'Check that the Docker engine answers: `docker ps`.' }
  return inTime(`The engine did not start an agent in ${machine}`, limit, async (abortSignal) => {
    const exec = await container.exec({
      Cmd: [paths.node, paths.agent, machine],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal,
    })
    return exec.start({ hijack: true, stdin: true, abortSignal })
  })
}
