import { ApiException } from '@kubernetes/client-node'
import { HoldfastError } from '../errors.ts'
import { beginningOf, parsedJson } from './json-answer.ts'

/** The parts of a Status that are of use: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface Status {
  readonly kind: 'Status'
  readonly message?: string
  readonly reason?: string
}

/** The Status in an API server's error, or undefined: a proxy, a server that starts or one that is full answers with text. */
export function statusOf(body: unknown): Status | undefined {
  const parsed = typeof body === 'string' ? parsedJson(body) : body
  return (parsed as Partial<Status> | null | undefined)?.kind === 'Status' ? (parsed as Status) : undefined
}

/** The object is not there, in the API server's own words: a bare "404 page not found" says nothing of an object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404 && statusOf(error.body)?.reason === 'NotFound'
}

/** The object is there already, or has changed since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiException && error.code === 409
}

/** The client's own message carries the whole answer with its headers: this is the sentence in it. */
export function explained(error: unknown): string {
  if (!(error instanceof ApiException)) return error instanceof Error ? error.message : String(error)
  const body: unknown = error.body
  const message = statusOf(body)?.message ?? (typeof body === 'string' ? beginningOf(body) : '')
  return `the API server answered ${error.code}${message ? `: ${message}` : ''}`
}

/** An answer that is no Status as an error with a code; any other error as it is. */
export function readable(error: unknown): unknown {
  if (!(error instanceof ApiException) || statusOf(error.body)) return error
  return new HoldfastError('HF_API_ANSWER', `An answer is not the API's own: ${explained(error)}.`, {
    hint: "Look at kube-apiserver.log in the run's folder. A server that is full answers 429, one that starts 403 or 404.",
    cause: error,
  })
}
