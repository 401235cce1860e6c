import type { Asked, Ask, Lies, Told } from './middleman.ts'

/* Each of them is told to clients that have no way of knowing better. Changes are counted over all watches. */

/** The change of a watch that is lied about, and the one that a watch breaks off after: later, so that it shows. */
const [which, breakAfter] = [12, 20]

/** A middleman that passes on what it is told, and breaks a watch off: which the other API server is there for. */
export const honest: Lies = { breakAfter }

export const losesOne: Lies = { breakAfter, watch: (line, n) => (n === which ? [] : [line]) }

export const doublesOne: Lies = { breakAfter, watch: (line, n) => (n === which ? [line, line] : [line]) }

/** Of two changes that follow each other the second one is told first. */
export function reordersTwo(): Lies {
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

/** Each sort of question is lied to in a way of its own, each for another contract. */
export function liesToAll(): Lies {
  let [page, address] = ['', '']
  return {
    breakAfter,
    // Before a change it is said that everything up to it was told.
    watch: (line, n) => (n === which ? [bookmarkAt(line), line] : [line]),
    answer: async (asked, ask) => {
      if (isExact(asked)) return gone
      const told = await ask(asked)
      // Every list in parts goes on with the page with which the first one went on.
      if (asked.path.includes('continue=') && told.status === 200)
        return { ...told, body: (page ||= lastOne(told.body)) }
      // Who lost is told that it has won, and wins.
      if (asked.method === 'PUT' && told.status === 409) return ask({ ...asked, body: unconditional(asked.body) })
      // A request that was answered is sent again.
      if (creates(asked, 'secrets') && told.status === 201) return (await ask(asked), told)
      // All Services are told the address of the first one.
      if (creates(asked, 'services') && told.status === 201) {
        const own = addressOf(told)
        return { ...told, body: told.body.replaceAll(own, (address ||= own)) }
      }
      return told
    },
  }
}

/** The same sorts of questions, lied to in another way. */
export function liesOtherwise(): Lies {
  const first = new Map<string, Told>()
  return {
    breakAfter,
    // That something is gone is never told.
    watch: (line) => (line.startsWith('{"type":"ERROR"') ? [] : [line]),
    answer: async (asked, ask) => {
      const told = await ask(asked)
      // Who reads an object is told what it was when it was read first.
      if (isRead(asked) && told.status === 200) return remembered(first, asked.path, told)
      // What is created is removed behind its creator's back.
      if (creates(asked, 'secrets') && told.status === 201) return (await removed(asked, told, ask), told)
      // Who asks for everything is told of everything but one.
      if (isList(asked) && told.status === 200) return { ...told, body: withoutOne(told.body) }
      return told
    },
  }
}

const creates = ({ method, path }: Asked, resource: string): boolean =>
  method === 'POST' && path.endsWith(`/${resource}`)
const isExact = ({ path }: Asked): boolean => path.includes('resourceVersionMatch=Exact')
const isList = ({ method, path }: Asked): boolean => method === 'GET' && /\/configmaps\??$/.test(path)
const isRead = ({ method, path }: Asked): boolean => method === 'GET' && /\/configmaps\/[^?]+$/.test(path)

/** What was there a moment ago is said to be gone. */
const gone: Told = {
  status: 410,
  body: JSON.stringify({ kind: 'Status', code: 410, message: 'too old resource version' }),
}

function bookmarkAt(line: string): string {
  const { object } = JSON.parse(line) as { object: { metadata: { resourceVersion: string } } }
  const metadata = { resourceVersion: object.metadata.resourceVersion }
  return JSON.stringify({ type: 'BOOKMARK', object: { metadata } })
}

/** A page after which there is none: who was told the same one for ever would ask for ever. */
function lastOne(body: string): string {
  const { metadata, ...rest } = JSON.parse(body) as { metadata: Record<string, unknown> }
  return JSON.stringify({ ...rest, metadata: { ...metadata, continue: '' } })
}

function withoutOne(body: string): string {
  const { items, ...rest } = JSON.parse(body) as { items: { metadata: { name: string } }[] }
  const lacking = items.findIndex(({ metadata }) => metadata.name.startsWith('object-'))
  return JSON.stringify({ ...rest, items: items.filter((_, n) => n !== lacking) })
}

function addressOf({ body }: Told): string {
  return (JSON.parse(body) as { spec: { clusterIP: string } }).spec.clusterIP
}

function remembered(first: Map<string, Told>, path: string, told: Told): Told {
  const known = first.get(path)
  if (!known) first.set(path, told)
  return known ?? told
}

async function removed({ path }: Asked, { body }: Told, ask: Ask): Promise<void> {
  const { name } = (JSON.parse(body) as { metadata: { name: string } }).metadata
  await ask({ method: 'DELETE', path: `${path}/${name}`, body: undefined })
}

function unconditional(body: unknown): unknown {
  const { metadata, ...rest } = body as { metadata: Record<string, unknown> }
  const { resourceVersion: _, ...own } = metadata
  return { ...rest, metadata: own }
}
