import type { V1Service } from '@kubernetes/client-node'
import type { Machine } from '../cluster/machine.ts'
import { OutsideClient } from '../cluster/outside-client.ts'
import type { RecordOf } from '../record/records.ts'
import { portOf } from './used-ports.ts'

const timeoutMs = 1_500
const datagramsPerSecond = 20
/** Below the ports from which probes are sent. */
export const datagramPort = 9_500

type Emit = (record: RecordOf<'reach'> | RecordOf<'flows'>) => void

/** Single packets to a Service's addresses, with everything that comes back, and senders that expect nothing to. */
export class Reaching {
  readonly #emit: Emit
  readonly #senders = new Set<Machine>()

  constructor(emit: Emit) {
    this.#emit = emit
  }

  /** To the Service's own address. */
  async inside(from: Machine, service: V1Service, protocol: 'tcp' | 'udp' = 'tcp'): Promise<RecordOf<'reach'>> {
    const { port } = portOf(nameOf(service), service.spec?.ports, protocol)
    return this.#reach(from, service, protocol, service.spec?.clusterIP ?? '', port, '')
  }

  /** To the Service's NodePort on a machine, from another one or from outside of the cluster: either is outside to it. */
  async through(
    from: Machine | OutsideClient,
    to: Machine,
    service: V1Service,
    protocol: 'tcp' | 'udp' = 'tcp',
  ): Promise<RecordOf<'reach'>> {
    const { nodePort } = portOf(nameOf(service), service.spec?.ports, protocol)
    return this.#reach(from, service, protocol, to.spec.address, nodePort, to.name)
  }

  /** Datagrams to the Service, all from one port, until disposed; whether they arrive changes nothing about them. */
  async send(from: Machine, service: V1Service): Promise<void> {
    const address = service.spec?.clusterIP ?? ''
    const { port } = portOf(nameOf(service), service.spec?.ports, 'udp')
    const spec = { address, port, sourcePort: datagramPort, perSecond: datagramsPerSecond }
    await from.call('startDatagrams', spec)
    this.#senders.add(from)
  }

  /** Tells what the sender's machine remembers of its datagrams. */
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
