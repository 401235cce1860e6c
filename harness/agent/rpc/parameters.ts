import type { RecordOf } from '../../record/records.ts'

/* The parameters of the requests to an agent. */

export interface TestPacketSpec {
  /** One of the machine's own addresses, where it has several. */
  readonly from?: string
  readonly to: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** How many packets or connections, and how many bytes in each; 0 in a connection that is only opened. */
  readonly times: number
  readonly bytes: number
}

export interface ProbeSpec {
  readonly id: string
  /** The prober as the journal names it: the machine's name, or `pod:<name>`. */
  readonly from: string
  readonly service: string
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  /** If set, this server resolves the name before each connection, instead of `address`. */
  readonly name?: { readonly dns: string; readonly host: string }
  /** Default: `hostname`, the name of the backend. */
  readonly request?: 'hostname' | 'connect' | 'livez'
  /** Default: a fresh connection for each attempt. */
  readonly connection?: 'fresh' | 'kept'
  /** The kind of address; default: the Service's own. */
  readonly target?: RecordOf<'attempt'>['target']
  readonly perSecond: number
  /** Less than the second after which the kernel retransmits, or an outage becomes a late answer. */
  readonly timeoutMs: number
}

export interface SampleSpec extends Omit<ProbeSpec, 'perSecond' | 'id' | 'connection' | 'target'> {
  readonly attempts: number
  readonly concurrency: number
}

export interface HttpSpec {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Paths of PEM files inside the machine. */
  readonly certificate?: string
  readonly key?: string
  readonly authority?: string
  readonly timeoutMs: number
}

/** Everything after revision `since` of the keys with `prefix`, recorded as notifications of the stream `id`. */
export interface EtcdWatchSpec {
  readonly id: string
  readonly prefix: string
  readonly since: number
  /** The watch ends when this key (without the prefix) has changed. */
  readonly lastKey: string
}

export interface EtcdFollowSpec {
  readonly member: string
  readonly everyMs: number
}

export interface EtcdWriteSpec {
  /** The member's name, for the records. */
  readonly member: string
  /** Where the member serves clients, `https://10.213.0.2:2379`. */
  readonly url: string
  readonly prefix: string
  readonly perSecond: number
  readonly timeoutMs: number
}
