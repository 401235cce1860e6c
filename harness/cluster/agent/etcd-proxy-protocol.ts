import type { ProxyCounters } from './etcd-proxy.ts'

/* What the agent and the proxy between an API server and etcd say to each other. This file has no code. */

export interface ProxySettings {
  /** Client URLs of etcd's members, each of which gets a port on the machine's loopback. */
  readonly members: readonly string[]
  /** Where it is told what to do. */
  readonly socket: string
  readonly ttlMs: number
  /** The user that it becomes, so that its connections can be told from the API server's. */
  readonly user: number
  readonly files: {
    readonly certificate: string
    readonly key: string
    readonly clientCertificate: string
    readonly clientKey: string
    readonly authority: string
  }
}

/** One word a line; each is answered with the state and the end of the connection. */
export type ProxyCommand = 'state' | 'freeze' | 'leave'

export interface ProxyState extends ProxyCounters {
  /** By member: the port that stands for it. */
  readonly ports: Readonly<Record<string, number>>
  readonly frozen: boolean
}
