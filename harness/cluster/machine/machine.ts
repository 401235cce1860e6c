import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import { eventually } from '../../common/eventually.ts'
import { inTime } from '../../common/in-time.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Event, Methods } from '../../agent/rpc/protocol.ts'
import { AgentObservers } from './agent-observers.ts'
import { startAgent } from './agent-stream.ts'
import { shifted } from './clock-offset.ts'
import type { CallOptions, Connection } from '../../agent/rpc/connection.ts'
import { type MachineSpec, isNode } from './machine-spec.ts'

/** Interval between attempts to start an agent after one that died with active faults. */
const replaceEveryMs = 200

/** Time limit of the engine for one of a machine's containers: to end a machine with a busy disk takes it seconds. */
const engineMs = 60_000

/** A running machine: its container, and the stream to its agent. */
export class Machine {
  readonly spec: MachineSpec
  readonly #container: Dockerode.Container
  readonly #tools: Dockerode.Container
  readonly #onEvent: (event: Event) => void
  #connection: Promise<Connection> | undefined
  readonly #applied = new Set<string>()
  readonly #observers = new AgentObservers()
  #offset = 0

  /** `tools` is the container that runs the agent: the machine's own, or its sidecar. */
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

  /** The container that runs Holdfast's commands: kubectl, and the agent. */
  get toolsId(): string {
    return this.#tools.id
  }

  /**
   * Calls the machine's agent, and starts one where none runs. Each call has a deadline: `options`, or call-deadlines.ts.
   * @throws the machine's error, with its name before it
   * @throws HoldfastError HF_AGENT_SILENT, HF_NO_AGENT, HF_TIMED_OUT
   */
  async call<M extends keyof Methods>(
    method: M,
    params: Parameters<Methods[M]>[0],
    options: CallOptions = {},
  ): Promise<ReturnType<Methods[M]>> {
    try {
      this.#observers.recordStop(method, params)
      if (method === 'apply') this.#applied.add((params as { id: string }).id)
      const result = await (await this.#agent()).call(method, params, options)
      if (method === 'revert') this.#applied.delete((params as { id: string }).id)
      this.#observers.recordStart(method, params)
      return result
    } catch (error) {
      // The error has the machine's name already, or is the caller's own.
      if (error instanceof HoldfastError || options.signal?.aborted) throw error
      throw new Error(`${this.name}: ${errorMessage(error)}`, { cause: error })
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

  /** Returns a machine's record with its times on the harness's clock. */
  onOurClock<R extends JournalRecord>(record: R): R {
    return shifted(record, this.#offset)
  }

  /** Ends the machine like a power cut: its processes get no signal. */
  async kill(): Promise<void> {
    await this.#engine('kill', () => this.#container.kill({ signal: 'SIGKILL' }))
  }

  /** Signals its process 1 to end, and kills what still runs `graceSeconds` later. */
  async stop(graceSeconds: number): Promise<void> {
    await this.#engine('stop', () => this.#container.stop({ t: graceSeconds }), engineMs + graceSeconds * 1000)
  }

  /** Once it is off, an engine that restarts must not start it, as it does with machines of a kept cluster. */
  async staysOff(): Promise<void> {
    const policy = { RestartPolicy: { Name: 'no' } }
    for (const container of this.#parts()) await this.#engine('update', () => container.update(policy))
  }

  async start(): Promise<void> {
    await this.#engine('start', () => this.#container.start())
    if (this.#tools === this.#container) return
    // The engine does not close a stream into a container that ended with another one's namespaces: the wait would never
    // end.
    await this.#hangUp()
    // It ended with the namespaces that it shares, and the engine may not have noticed yet.
    await eventually(`the sidecar of ${this.name} to end`, async () => !isUp(await this.#state(this.#tools)), {
      timeoutMs: 30_000,
    })
    await this.#engine('start', () => this.#tools.start())
  }

  /** Returns whether its processes can run: a frozen machine does not answer. */
  async running(): Promise<boolean> {
    return isUp(await this.#state())
  }

  /** Returns whether it has ended. A frozen machine has not: its kernel state is kept, and returns with the thaw. */
  async off(): Promise<boolean> {
    return !(await this.#state()).Running
  }

  /** Freezes everything in it, including the agent: connections stay open without answers. */
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

  /** Returns when the engine started its first process; each start changes it. */
  async startedAt(): Promise<string> {
    return (await this.#state()).StartedAt
  }

  async #state(container = this.#container): Promise<Dockerode.ContainerInspectInfo['State']> {
    return (await this.#engine('inspect', () => container.inspect())).State
  }

  #engine<T>(what: string, act: () => Promise<T>, withinMs = engineMs): Promise<T> {
    const hint = 'Check that the Docker engine answers: `docker ps`.'
    return inTime(`The engine did not ${what} ${this.name}`, { withinMs, hint }, act)
  }

  #parts(): Iterable<Dockerode.Container> {
    return new Set([this.#container, this.#tools])
  }

  /** Reverts what the agent holds, by closing its stream. */
  async disconnect(): Promise<void> {
    this.#observers.clear()
    await this.#hangUp()
  }

  async #hangUp(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    this.#applied.clear()
    connection?.close()
    this.#connection = undefined
  }

  async #agent(): Promise<Connection> {
    const before = this.#connection
    const known = await before?.catch(() => undefined)
    if (known?.open) return known
    // The first caller starts an agent; callers that saw the same agent end share it.
    if (this.#connection === before) this.#connection = this.#connect()
    return this.#connection ?? this.#agent()
  }

  async #connect(): Promise<Connection> {
    const { connection, offset } = await startAgent(this.#tools, this.name, ({ event, record }) =>
      this.#onEvent({ event, record: this.onOurClock(record) }),
    )
    this.#offset = offset
    // A killed agent leaves its faults to the next one, so there has to be a next one, also without a call.
    connection.onceClosed(() => {
      this.#observers.recordLoss()
      void this.#replace()
    })
    this.#observers.resume(connection, this.name, (record) => this.#onEvent({ event: 'record', record }))
    return connection
  }

  /** Retries until an agent runs, for as long as the machine does and has active faults or observers. */
  async #replace(): Promise<void> {
    while ((this.#applied.size > 0 || this.#observers.any) && (await this.running().catch(() => false))) {
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
