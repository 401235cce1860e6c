import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { HoldfastError } from '../errors.ts'
import { eventually } from '../eventually.ts'
import { inTime } from '../in-time.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Event, Methods } from './agent/protocol.ts'
import { AgentObservers } from './agent-observers.ts'
import { startAgent } from './agent-stream.ts'
import { shifted } from './clock-offset.ts'
import type { CallOptions, Connection } from './connection.ts'
import { type MachineSpec, isNode } from './machine-spec.ts'

/** How often it is tried to start an agent in the place of one that has died with leases. */
const replaceEveryMs = 200

/** What an engine may take for one of a machine's containers: to end a machine whose disk is busy takes it seconds. */
const engineMs = 60_000

/** A machine that runs: its container, and the stream to the agent in it. */
export class Machine {
  readonly spec: MachineSpec
  readonly #container: Dockerode.Container
  readonly #tools: Dockerode.Container
  readonly #onEvent: (event: Event) => void
  #connection: Promise<Connection> | undefined
  readonly #leases = new Set<string>()
  readonly #observers = new AgentObservers()
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

  /**
   * Asks the machine's agent, starting it where none runs. Each call has a deadline: `options`, or call-deadlines.ts.
   * @throws what the machine answers, with its name before it
   * @throws HoldfastError HF_AGENT_SILENT, HF_NO_AGENT, HF_TIMED_OUT
   */
  async call<M extends keyof Methods>(
    method: M,
    params: Parameters<Methods[M]>[0],
    options: CallOptions = {},
  ): Promise<ReturnType<Methods[M]>> {
    try {
      this.#observers.stopping(method, params)
      if (method === 'take') this.#leases.add((params as { lease: string }).lease)
      const result = await (await this.#agent()).call(method, params, options)
      if (method === 'release') this.#leases.delete((params as { lease: string }).lease)
      this.#observers.started(method, params)
      return result
    } catch (error) {
      // It names the machine already, or is the caller's own.
      if (error instanceof HoldfastError || options.signal?.aborted) throw error
      throw new Error(`${this.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }

  /** The same from inside the network namespace of a pod that runs here and was entered. */
  async callInPod<M extends keyof Methods>(
    pod: { readonly namespace: string; readonly name: string },
    method: M,
    params: Parameters<Methods[M]>[0],
    options: CallOptions = {},
  ): Promise<ReturnType<Methods[M]>> {
    const inner = { namespace: pod.namespace, pod: pod.name, method, params }
    return (await this.call('inPod', inner, options)) as ReturnType<Methods[M]>
  }

  /** A record of the machine's, with its times as we would have read them. */
  onOurClock<R extends JournalRecord>(record: R): R {
    return shifted(record, this.#offset)
  }

  /** Ends the machine like a power cut: no signal reaches what runs in it. */
  async kill(): Promise<void> {
    await this.#engine('kill', () => this.#container.kill({ signal: 'SIGKILL' }))
  }

  /** Asks its process 1 to end and kills what still runs `graceSeconds` later. */
  async stop(graceSeconds: number): Promise<void> {
    await this.#engine('stop', () => this.#container.stop({ t: graceSeconds }), engineMs + graceSeconds * 1000)
  }

  /** Once it is off, not even an engine that comes back starts it: it would with a cluster that is kept. */
  async staysOff(): Promise<void> {
    const policy = { RestartPolicy: { Name: 'no' } }
    for (const container of this.#parts()) await this.#engine('update', () => container.update(policy))
  }

  async start(): Promise<void> {
    await this.#engine('start', () => this.#container.start())
    if (this.#tools === this.#container) return
    // The engine does not close a stream into a container that ended with another one's namespaces: we would wait for ever.
    await this.#hangUp()
    // It ended with the namespaces that it shares, and the engine may not have noticed yet.
    await eventually(
      `the container beside ${this.name} to have ended`,
      async () => !isUp(await this.#state(this.#tools)),
      {
        withinMs: 30_000,
      },
    )
    await this.#engine('start', () => this.#tools.start())
  }

  /** True while what is in it can run: a machine that is frozen does not answer. */
  async running(): Promise<boolean> {
    return isUp(await this.#state())
  }

  /** It has ended. One that is frozen has not: what is in its kernel is there, and comes back with it. */
  async off(): Promise<boolean> {
    return !(await this.#state()).Running
  }

  /** Freezes everything in it, our agent too: it keeps its connections and answers nobody. */
  async freeze(): Promise<void> {
    for (const container of this.#parts()) await this.#engine('pause', () => container.pause())
  }

  async thaw(): Promise<void> {
    for (const container of this.#parts()) {
      if ((await this.#state(container)).Paused) await this.#engine('unpause', () => container.unpause())
    }
  }

  async frozen(): Promise<boolean> {
    return (await this.#state()).Paused
  }

  /** When its first process was started, as the engine tells it: another one after each start. */
  async startedAt(): Promise<string> {
    return (await this.#state()).StartedAt
  }

  async #state(container = this.#container): Promise<Dockerode.ContainerInspectInfo['State']> {
    return (await this.#engine('inspect', () => container.inspect())).State
  }

  #engine<T>(what: string, act: () => Promise<T>, withinMs = engineMs): Promise<T> {
    const hint = 'Look at whether the Docker engine answers: `docker ps`.'
    return inTime(`The engine did not ${what} ${this.name}`, { withinMs, hint }, act)
  }

  #parts(): Iterable<Dockerode.Container> {
    return new Set([this.#container, this.#tools])
  }

  /** Undoes what the agent holds, by closing its stream. */
  async disconnect(): Promise<void> {
    this.#observers.clear()
    await this.#hangUp()
  }

  async #hangUp(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    this.#leases.clear()
    connection?.close()
    this.#connection = undefined
  }

  async #agent(): Promise<Connection> {
    const before = this.#connection
    const known = await before?.catch(() => undefined)
    if (known?.open) return known
    // Whoever comes first starts one; the others, who saw the same one gone, share it.
    if (this.#connection === before) this.#connection = this.#connect()
    return this.#connection ?? this.#agent()
  }

  async #connect(): Promise<Connection> {
    const { connection, offset } = await startAgent(this.#tools, this.name, ({ event, record }) =>
      this.#onEvent({ event, record: this.onOurClock(record) }),
    )
    this.#offset = offset
    // An agent that was killed leaves what it held to the next one: there has to be a next one, also when nobody asks.
    connection.onceClosed(() => {
      this.#observers.lost()
      void this.#replace()
    })
    this.#observers.resume(connection, this.name, (record) => this.#onEvent({ event: 'record', record }))
    return connection
  }

  /** Goes on until an agent runs, for as long as the machine does and something hangs on it. */
  async #replace(): Promise<void> {
    while ((this.#leases.size > 0 || this.#observers.any) && (await this.running().catch(() => false))) {
      try {
        await (await this.#agent()).call('recovered', {})
        return
      } catch {
        await delay(replaceEveryMs)
      }
    }
  }
}

function isUp({ Running, Paused }: Dockerode.ContainerInspectInfo['State']): boolean {
  return Running && !Paused
}
