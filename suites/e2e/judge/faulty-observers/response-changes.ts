import type { ProxiedRequest, SendRequest, ResponseChanges, ProxiedResponse } from './faulty-proxy.ts'

/* Changed answers that clients can't detect. Changes are counted over all watches. */

/** The change that is altered, and a later one after which the watch breaks. */
const [which, breakAfter] = [12, 20]

/** Passes answers on unchanged and breaks a watch, which clients resume on the other API server. */
export const honest: ResponseChanges = { breakAfter }

export const losesOne: ResponseChanges = { breakAfter, watch: (line, n) => (n === which ? [] : [line]) }

export const doublesOne: ResponseChanges = { breakAfter, watch: (line, n) => (n === which ? [line, line] : [line]) }

/** Swaps two successive changes. */
export function reordersTwo(): ResponseChanges {
  let held: string | undefined
  return {
    breakAfter,
    watch: (line, n) => {
      if (n === which) {
        held = line
        return []
      }
      const late = n > 0 && held !== undefined ? [held] : []
      if (n > 0) held = undefined
      return [line, ...late]
    },
  }
}

/** Changes the answers to each kind of request differently, each for another contract. */
export function oneChangeEach(): ResponseChanges {
  let [page, address] = ['', '']
  return {
    breakAfter,
    // A bookmark for the change precedes it.
    watch: (line, n) => (n === which ? [bookmarkAt(line), line] : [line]),
    answer: async (request, send) => {
      if (isExact(request)) return gone
      const response = await send(request)
      // Every paginated list continues with the second page of the first list.
      if (request.path.includes('continue=') && response.status === 200)
        return { ...response, body: (page ||= lastOne(response.body)) }
      // A conflicting update is forced and acknowledged.
      if (request.method === 'PUT' && response.status === 409)
        return send({ ...request, body: unconditional(request.body) })
      // A completed create is sent again.
      if (creates(request, 'secrets') && response.status === 201) return (await send(request), response)
      // Every Service has the address of the first one.
      if (creates(request, 'services') && response.status === 201) {
        const own = addressOf(response)
        return { ...response, body: response.body.replaceAll(own, (address ||= own)) }
      }
      return response
    },
  }
}

/** Changes the answers to the same kinds of requests in another way. */
export function otherChangeEach(): ResponseChanges {
  const first = new Map<string, ProxiedResponse>()
  return {
    breakAfter,
    // Drops expiry errors.
    watch: (line) => (line.startsWith('{"type":"ERROR"') ? [] : [line]),
    answer: async (request, send) => {
      const response = await send(request)
      // Every read returns the object of the first read.
      if (isRead(request) && response.status === 200) return remembered(first, request.path, response)
      // Deletes a created object.
      if (creates(request, 'secrets') && response.status === 201)
        return (await removed(request, response, send), response)
      // A list lacks one object.
      if (isList(request) && response.status === 200) return { ...response, body: withoutOne(response.body) }
      return response
    },
  }
}

const creates = ({ method, path }: ProxiedRequest, resource: string): boolean =>
  method === 'POST' && path.endsWith(`/${resource}`)
const isExact = ({ path }: ProxiedRequest): boolean => path.includes('resourceVersionMatch=Exact')
const isList = ({ method, path }: ProxiedRequest): boolean => method === 'GET' && /\/configmaps\??$/.test(path)
const isRead = ({ method, path }: ProxiedRequest): boolean => method === 'GET' && /\/configmaps\/[^?]+$/.test(path)

/** Reports an available revision as expired. */
const gone: ProxiedResponse = {
  status: 410,
  body: JSON.stringify({ kind: 'Status', code: 410, message: 'too old resource version' }),
}

function bookmarkAt(line: string): string {
  const { object } = JSON.parse(line) as { object: { metadata: { resourceVersion: string } } }
  const metadata = { resourceVersion: object.metadata.resourceVersion }
  return JSON.stringify({ type: 'BOOKMARK', object: { metadata } })
}

/** Makes the page the last one, so that the client does not continue for ever. */
function lastOne(body: string): string {
  const { metadata, ...rest } = JSON.parse(body) as { metadata: Record<string, unknown> }
  return JSON.stringify({ ...rest, metadata: { ...metadata, continue: '' } })
}

function withoutOne(body: string): string {
  const { items, ...rest } = JSON.parse(body) as { items: { metadata: { name: string } }[] }
  const lacking = items.findIndex(({ metadata }) => metadata.name.startsWith('object-'))
  return JSON.stringify({ ...rest, items: items.filter((_, n) => n !== lacking) })
}

function addressOf({ body }: ProxiedResponse): string {
  return (JSON.parse(body) as { spec: { clusterIP: string } }).spec.clusterIP
}

function remembered(first: Map<string, ProxiedResponse>, path: string, response: ProxiedResponse): ProxiedResponse {
  const known = first.get(path)
  if (!known) first.set(path, response)
  return known ?? response
}

async function removed({ path }: ProxiedRequest, { body }: ProxiedResponse, send: SendRequest): Promise<void> {
  const { name } = (JSON.parse(body) as { metadata: { name: string } }).metadata
  await send({ method: 'DELETE', path: `${path}/${name}`, body: undefined })
}

function unconditional(body: unknown): unknown {
  const { metadata, ...rest } = body as { metadata: Record<string, unknown> }
  const { resourceVersion: _, ...own } = metadata
  return { ...rest, metadata: own }
}
