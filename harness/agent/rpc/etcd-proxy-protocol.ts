import type { ProxyCounters } from '../etcd/etcd-proxy.ts'

/* Messages between the agent and the proxy between an API server and etcd. This file has no code. */

export interface ProxySettings {
  /** Client URLs of etcd's members; each gets a port on the machine's loopback. */
  readonly members: readonly string[]
  /** Path of the socket that takes commands. */
  readonly socket: string
  readonly ttlMs: number
  /** The user that it becomes, which distinguishes its connections from the API server's. */
  readonly user: number
  readonly files: {
    readonly certificate: string
    readonly key: string
    readonly clientCertificate: string
    readonly clientKey: string
    readonly authority: string
  }
}

/** One word a line; the answer to each is the state and the end of the connection. */
export type ProxyCommand = 'state' | 'freeze' | 'leave'

export interface ProxyState extends ProxyCounters {
  /** Loopback port by member. */
  readonly ports: Readonly<Record<string, number>>
  readonly frozen: boolean
}
