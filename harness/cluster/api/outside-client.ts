import { Readable } from 'node:stream'
import { GenericContainer } from 'testcontainers'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { agentFile } from '../machine/agent-bundle.ts'
import { startAgent } from '../machine/agent-stream.ts'
import type { Methods } from '../../agent/rpc/protocol.ts'
import { shifted } from '../machine/clock-offset.ts'
import type { Cluster } from '../cluster.ts'
import type { CallOptions, Connection } from '../../agent/rpc/connection.ts'
import { engine } from '../machine/engine.ts'
import { removeMachine } from '../boot/join.ts'
import { containerName, labels } from '../machine/labels.ts'
import type { Machine } from '../machine/machine.ts'
import { factsDecide } from '../machine/machine-container.ts'
import { networksOf } from '../machine/subnets.ts'

/** Anything with an agent, in the cluster or outside of it. */
export type Asked = Pick<Machine, 'name' | 'call' | 'onOurClock' | 'running'>

/**
 * A client outside of the cluster: a container on the machines' network, without kube-proxy and without a route to pods. A
 * Node's kernel gets its packets from elsewhere, and no fault hits it. It has the credentials of etcd's clients. The host
 * itself can't reach machines where the engine runs in a virtual machine, and a port published there hides a packet's
 * sender and source port.
 */
export class OutsideClient implements Asked, AsyncDisposable {
  readonly name = 'outside'
  readonly address: string
  readonly #connection: Connection
  readonly #offset: number
  readonly #remove: () => Promise<void>
  #over = false

  private constructor(
    address: string,
    { connection, offset }: Awaited<ReturnType<typeof startAgent>>,
    emit: (record: JournalRecord) => void,
    remove: () => Promise<void>,
  ) {
    this.address = address
    this.#connection = connection
    this.#offset = offset
    this.#remove = remove
    connection.onceClosed(() => {
      const message = 'The client outside of the cluster has ended, and with it its probes and writes'
      if (!this.#over) emit({ kind: 'rig', at: now(), message })
    })
  }

  static async start(cluster: Cluster, emit: (record: JournalRecord) => void): Promise<OutsideClient> {
    const { run } = cluster
    const remove = (): Promise<void> => removeMachine(run, 'outside')
    const [docker, networks, agent] = await Promise.all([engine(), networksOf(run), agentFile(), remove()])
    const [etcd] = cluster.etcd
    if (!etcd) throw new Error('the outside client needs an etcd machine for its image, and the cluster has none')
    // On every distribution, etcd machines are made from Holdfast's own image.
    const member = docker.getContainer(etcd.containerId)
    const [{ Config }, credentials] = await Promise.all([member.inspect(), member.getArchive({ path: '/etc/etcd' })])
    const started = await new GenericContainer(Config.Image)
      .withName(containerName(run, 'outside'))
      .withLabels(labels(cluster))
      .withNetwork(networks.cluster)
      .withEntrypoint(['sleep', 'infinity'])
      .withWaitStrategy(factsDecide)
      .withCopyContentToContainer([{ target: agent.path, content: agent.content }])
      .withCopyArchivesToContainer([{ tar: Readable.from(credentials), target: '/etc' }])
      .start()
    const offset = { ms: 0 }
    const stream = await startAgent(docker.getContainer(started.getId()), 'outside', ({ record }) =>
      emit(shifted(record, offset.ms)),
    )
    offset.ms = stream.offset
    return new OutsideClient(started.getIpAddress(networks.cluster.getName()), stream, emit, remove)
  }

  /** @throws the client's error, with its name before it; HoldfastError HF_AGENT_SILENT when it does not answer in time */
  async call<M extends keyof Methods>(
    method: M,
    params: Parameters<Methods[M]>[0],
    options: CallOptions = {},
  ): Promise<ReturnType<Methods[M]>> {
    try {
      return await this.#connection.call(method, params, options)
    } catch (error) {
      if (error instanceof HoldfastError || options.signal?.aborted) throw error
      throw new Error(`${this.name}: ${errorMessage(error)}`, { cause: error })
    }
  }

  onOurClock<R extends JournalRecord>(record: R): R {
    return shifted(record, this.#offset)
  }

  async running(): Promise<boolean> {
    return this.#connection.open
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    this.#connection.close()
    await this.#remove()
  }
}
