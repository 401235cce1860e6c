import type { V1Service } from '@kubernetes/client-node'
import type { Machine } from '../../cluster/machine/machine.ts'
import { OutsideClient } from '../../cluster/api/outside-client.ts'
import type { RecordOf } from '../../record/records.ts'
import { portOf } from '../probes/used-ports.ts'

const timeoutMs = 1_500
const datagramsPerSecond = 20
/** Below the source ports of probes. */
export const datagramPort = 9_500

type Emit = (record: RecordOf<'reach'> | RecordOf<'flows'>) => void

/** Sends single packets to a Service's addresses and records the answers, and sends datagrams without answers. */
export class PacketSender {
  readonly #emit: Emit
  readonly #senders = new Set<Machine>()

  constructor(emit: Emit) {
    this.#emit = emit
  }

  /** Sends a packet to the Service's own address. */
  async inside(from: Machine, service: V1Service, protocol: 'tcp' | 'udp' = 'tcp'): Promise<RecordOf<'reach'>> {
    const { port } = portOf(nameOf(service), service.spec?.ports, protocol)
    return this.#reach(from, service, protocol, service.spec?.clusterIP ?? '', port, '')
  }

  /** Sends a packet to the Service's NodePort on a machine, from another machine or from outside of the cluster. */
  async through(
    from: Machine | OutsideClient,
    to: Machine,
    service: V1Service,
    protocol: 'tcp' | 'udp' = 'tcp',
  ): Promise<RecordOf<'reach'>> {
    const { nodePort } = portOf(nameOf(service), service.spec?.ports, protocol)
    return this.#reach(from, service, protocol, to.spec.address, nodePort, to.name)
  }

  /** Sends datagrams to the Service from one source port until disposed, whether or not they arrive. */
  async send(from: Machine, service: V1Service): Promise<void> {
    const address = service.spec?.clusterIP ?? ''
    const { port } = portOf(nameOf(service), service.spec?.ports, 'udp')
    const spec = { address, port, sourcePort: datagramPort, perSecond: datagramsPerSecond }
    await from.call('startDatagrams', spec)
    this.#senders.add(from)
  }

  /** Records the connection tracking entries of the sender's datagrams. */
  async flows(from: Machine, service: V1Service): Promise<RecordOf<'flows'>['flows']> {
    const address = service.spec?.clusterIP ?? ''
    const { at, flows } = await from.call('flows', { sourcePort: datagramPort, address })
    const about = { machine: from.name, service: nameOf(service), sourcePort: datagramPort }
    this.#emit(from.onOurClock({ kind: 'flows', at, ...about, flows }))
    return flows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#senders) if (await machine.running()) await machine.call('stopDatagrams', {})
  }

  async #reach(
    from: Machine | OutsideClient,
    service: V1Service,
    protocol: 'tcp' | 'udp',
    address: string,
    port: number,
    through: string,
  ): Promise<RecordOf<'reach'>> {
    const about = { from: from.name, through, service: nameOf(service), protocol, address, port, timeoutMs }
    const source = from instanceof OutsideClient ? { source: from.address } : {}
    const record = from.onOurClock({ ...(await from.call('reach', about)), ...source })
    this.#emit(record)
    return record
  }
}

/** `<namespace>/<name>` */
export function nameOf({ metadata }: V1Service): string {
  return `${metadata?.namespace}/${metadata?.name}`
}
