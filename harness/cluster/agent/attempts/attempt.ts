/*
 * One try to reach something, whatever the means. A try has no clock of its own: who began it says when it is given up,
 * so that thousands of them need no timer each.
 */

/** What can be reached, and how. */
export interface Target {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  /** Resolved anew for each connection by this server, instead of `address`. */
  readonly name?: { readonly dns: string; readonly host: string }
  /**
   * What is asked of it. `hostname`: which backend answers. `connect`: nothing, the connection alone is the answer.
   * `livez`: whether an API server lives, over TLS.
   */
  readonly ask: 'hostname' | 'connect' | 'livez'
}

/** Why there was no good answer, coarse enough to count by. */
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
  /** The port that the connection came from. */
  readonly sourcePort?: number
}

export interface Try {
  /** Its time is up: it ends as not answered, now. Does nothing once it has ended. */
  giveUp(): void
}

/** Begins a try; `ended` is called once, never before this returns. */
export type Begin = (ended: (outcome: Outcome) => void) => Try

const classes: Readonly<Record<string, ErrorClass>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'no-connection',
  // What a rule that drops a datagram on its way out tells its sender.
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

/** A port that somebody else has is no fact about what was to be reached: the next one is taken. */
export function portTaken({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
}
