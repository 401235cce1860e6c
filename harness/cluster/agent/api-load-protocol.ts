/* What the agent tells the program that loads an API server, as the first line of its input. This file has no code. */

export interface LoadSettings {
  /** One API server's URL. */
  readonly server: string
  /** Path of the authority that it is believed by. */
  readonly authority: string
  /** A service account's: the load is anybody's who holds it. */
  readonly token: string
  readonly namespace: string
  /** Lists of everything in the namespace, or new Events. */
  readonly what: 'lists' | 'events'
  readonly perSecond: number
  /** How many may be unanswered at once; those that are due beyond are left out and counted. */
  readonly concurrency: number
  readonly ttlMs: number
  /** Path of the file that always holds the last `LoadReport`. */
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
