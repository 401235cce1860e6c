/*
 * One attempt to reach a target, by any protocol. An attempt has no timer: its caller decides when to give it up, so that
 * thousands of attempts need no timer each.
 */

/** A target, and how to reach it. */
export interface Target {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  /** If set, this server resolves the name for each connection, instead of `address`. */
  readonly name?: { readonly dns: string; readonly host: string }
  /**
   * What is requested. `hostname`: the name of the backend. `connect`: only the connection. `livez`: whether an API server
   * lives, over TLS.
   */
  readonly request: 'hostname' | 'connect' | 'livez'
}

/** Why there was no good answer, in few classes that can be counted. */
export type ErrorClass =
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'no-connection'
  | 'no-answer'
  | 'closed'
  | 'wrong-answer'
  | 'no-name'
  | 'blocked'
  | 'rig'

export interface Failure {
  readonly error: string
  readonly errorClass: ErrorClass
}

export type Outcome = ({ readonly backend: string } | Failure) & {
  /** Source port of the connection. */
  readonly sourcePort?: number
}

export interface Try {
  /** Ends the attempt now, as not answered. Does nothing once it has ended. */
  giveUp(): void
}

/** Begins an attempt; `ended` is called once, never before this returns. */
export type Begin = (ended: (outcome: Outcome) => void) => Try

const classes: Readonly<Record<string, ErrorClass>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'no-connection',
  // The error that a sender gets when a rule drops its datagram on the way out.
  EPERM: 'blocked',
  EMFILE: 'rig',
  ENFILE: 'rig',
  ENOBUFS: 'rig',
  EADDRINUSE: 'rig',
  EADDRNOTAVAIL: 'rig',
}

export function failure(error: NodeJS.ErrnoException): Failure {
  const code = error.code ?? ''
  return { error: code || error.message, errorClass: classes[code] ?? (code.startsWith('E') ? 'closed' : 'rig') }
}

/** Returns whether another process has the source port, which proves nothing about the target: take the next port. */
export function portTaken({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
}
