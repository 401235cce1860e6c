import { PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { HoldfastError } from '../errors.ts'
import { eventually } from '../eventually.ts'
import { now } from '../record/clock.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Event, Methods } from './agent/protocol.ts'
import { clockOffset, shifted } from './clock-offset.ts'
import { Connection } from './connection.ts'
import { paths } from './distribution/upstream/paths.ts'
import { type MachineSpec, isNode } from './machine-spec.ts'

/** A machine that runs: its container, and the stream to the agent in it. */
export class Machine {
  readonly spec: MachineSpec
  readonly #container: Dockerode.Container
  readonly #tools: Dockerode.Container
  readonly #onEvent: (event: Event) => void
  #connection: Promise<Connection> | undefined
  #offset = 0

  /** `tools` is the container that the agent is run in: the machine's own, or the one beside it. */
  constructor(
    spec: MachineSpec,
    container: Dockerode.Container,
    onEvent: (event: Event) => void,
    tools: Dockerode.Container = container,
  ) {
    this.spec = spec
    this.#container = container
    this.#tools = tools
    this.#onEvent = onEvent
  }

  get name(): string {
    return this.spec.name
  }

  get node(): boolean {
    return isNode(this.spec)
  }

  get containerId(): string {
    return this.#container.id
  }

  /** Where commands of ours are run: kubectl, and the agent. */
  get toolsId(): string {
    return this.#tools.id
  }

  /** Asks the machine's agent, starting it where none runs. @throws what the machine answers, with its name before it */
  async call<M extends keyof Methods>(method: M, params: Parameters<Methods[M]>[0]): Promise<ReturnType<Methods[M]>> {
    try {
      return await (await this.#agent()).call(method, params)
    } catch (error) {
      throw new Error(`${this.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }

  /** The same from inside the network namespace of a pod that runs here and was entered. */
  async callInPod<M extends keyof Methods>(
    pod: { readonly namespace: string; readonly name: string },
    method: M,
    params: Parameters<Methods[M]>[0],
  ): Promise<ReturnType<Methods[M]>> {
    return (await this.call('inPod', { namespace: pod.namespace, pod: pod.name, method, params })) as ReturnType<
      Methods[M]
    >
  }

  /** A record of the machine's, with its times as we would have read them. */
  onOurClock<R extends JournalRecord>(record: R): R {
    return shifted(record, this.#offset)
  }

  /** Ends the machine like a power cut: no signal reaches what runs in it. */
  async kill(): Promise<void> {
    await this.#container.kill({ signal: 'SIGKILL' })
  }

  async start(): Promise<void> {
    await this.#container.start()
    if (this.#tools === this.#container) return
    // It ended with the namespaces that it shares, and the engine may not have noticed yet.
    await eventually(`the container beside ${this.name} to have ended`, async () => !(await runs(this.#tools)), {
      withinMs: 30_000,
    })
    await this.#tools.start()
  }

  async running(): Promise<boolean> {
    return runs(this.#container)
  }

  /** Undoes what the agent holds, by closing its stream. */
  async disconnect(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    connection?.close()
    this.#connection = undefined
  }

  async #agent(): Promise<Connection> {
    const known = await this.#connection?.catch(() => undefined)
    if (known?.open) return known
    this.#connection = this.#connect()
    return this.#connection
  }

  async #connect(): Promise<Connection> {
    const exec = await this.#tools.exec({
      Cmd: [paths.node, paths.agent, this.name],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    })
    const stream = await exec.start({ hijack: true, stdin: true })
    const [out, errors] = [new PassThrough(), new PassThrough()]
    this.#tools.modem.demuxStream(stream, out, errors)
    stream.on('close', () => out.end())
    stream.on('end', () => out.end())
    let complaint = ''
    errors.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)))
    const connection = new Connection(out, stream, ({ event, record }) =>
      this.#onEvent({ event, record: this.onOurClock(record) }),
    )
    try {
      const asked = now()
      const { at } = await connection.call('hello', {})
      this.#offset = clockOffset(asked, at, now())
    } catch (cause) {
      throw new HoldfastError(
        'HF_NO_AGENT',
        `No agent answers in ${this.name}${complaint ? `: ${complaint.trim()}` : ''}.`,
        {
          hint: 'Look at the machine with `docker logs`.',
          cause,
        },
      )
    }
    return connection
  }
}

async function runs(container: Dockerode.Container): Promise<boolean> {
  return (await container.inspect()).State.Running
}
