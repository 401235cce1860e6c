/* The agent's settings for the program that loads an API server, as the first line of its input. This file has no code. */

export interface LoadSettings {
  /** One API server's URL. */
  readonly server: string
  /** Path of the authority that signed the server's certificate. */
  readonly authority: string
  /** A service account's token, with which all requests are sent. */
  readonly token: string
  readonly namespace: string
  /** Lists of everything in the namespace, or new Events. */
  readonly what: 'lists' | 'events'
  readonly perSecond: number
  /** How many requests may be unanswered at once; requests due beyond that are skipped and counted. */
  readonly concurrency: number
  readonly ttlMs: number
  /** Path of the file with the latest `LoadReport`. */
  readonly report: string
}

export interface LoadReport {
  readonly sent: number
  readonly leftOut: number
  readonly succeeded: number
  /** Answered with 429: the API server protects itself. */
  readonly throttled: number
  readonly otherwise: number
  readonly unanswered: number
}
