import { type Duplex, PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { HoldfastError } from '../errors.ts'
import { inTime } from '../in-time.ts'
import { now } from '../record/clock.ts'
import type { Event } from './agent/protocol.ts'
import { clockOffset } from './clock-offset.ts'
import { Connection } from './connection.ts'
import { paths } from './distribution/upstream/paths.ts'

/** A busy engine takes a second or two to start a process. */
const startsWithinMs = 60_000

interface AgentStream {
  readonly connection: Connection
  /** What to add to the machine's times to have them on our clock, milliseconds. */
  readonly offset: number
}

/**
 * Starts an agent in a machine and speaks to it.
 * @throws HoldfastError HF_NO_AGENT with what the machine said instead
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
    const asked = now()
    const { at } = await connection.call('hello', {})
    return { connection, offset: clockOffset(asked, at, now()) }
  } catch (cause) {
    throw new HoldfastError(
      'HF_NO_AGENT',
      `No agent answers in ${machine}${complaint ? `: ${complaint.trim()}` : ''}.`,
      { hint: 'Look at the machine with `docker logs`.', cause },
    )
  }
}

/** The request is cancelled when its time is over; the stream that comes of it is not. */
function execInTime(container: Dockerode.Container, machine: string): Promise<Duplex> {
  const limit = { withinMs: startsWithinMs, hint: 'Look at whether the Docker engine answers: `docker ps`.' }
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
