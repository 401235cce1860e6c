import { ApiException } from '@kubernetes/client-node'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import { beginningOf, jsonIn, parsedJson } from '../../common/json-answer.ts'

/** The used parts of a Status: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface Status {
  readonly kind: 'Status'
  readonly message?: string
  readonly reason?: string
}

/** Returns the Status in an API server's error; undefined for text, which proxies and starting or overloaded servers send. */
export function statusOf(body: unknown): Status | undefined {
  const parsed = typeof body === 'string' ? parsedJson(body) : body
  return (parsed as Partial<Status> | null | undefined)?.kind === 'Status' ? (parsed as Status) : undefined
}

/** Returns an answer for errors: its status, and the message of its Status or the beginning of its text. */
export function answerText({ status, body }: { readonly status: number; readonly body: unknown }): string {
  const message = statusOf(body)?.message ?? (typeof body === 'string' ? beginningOf(body) : '')
  return `${status}${message ? `: ${message}` : ''}`
}

/** Parses an answer. @throws when its status is another, or when it is not JSON */
export function contentOf(answer: { readonly status: number; readonly body: string }, status = 200): unknown {
  if (answer.status !== status) throw new Error(`the API server answered ${answerText(answer)}`)
  return jsonIn(answer)
}

/** Returns whether the API server reported a missing object: a bare "404 page not found" proves nothing about an object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404 && statusOf(error.body)?.reason === 'NotFound'
}

/** Returns whether the object already exists, or has changed since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiException && error.code === 409
}

/** Returns the sentence in an error: the client's own message contains the whole answer with its headers. */
export function explained(error: unknown): string {
  if (!(error instanceof ApiException)) return errorMessage(error)
  return `the API server answered ${answerText({ status: error.code, body: error.body })}`
}

/** Turns an answer that is not a Status into an error with a code; returns any other error as it is. */
export function readable(error: unknown): unknown {
  if (!(error instanceof ApiException) || statusOf(error.body)) return error
  return new HoldfastError('HF_API_ANSWER', `An answer is not from the Kubernetes API: ${explained(error)}.`, {
    hint: "Check kube-apiserver.log in the run's folder. An overloaded server answers 429, a starting one 403 or 404.",
    cause: error,
  })
}
