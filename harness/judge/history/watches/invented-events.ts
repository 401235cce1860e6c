import { isWrite, type Operation, type Violation } from '../history.ts'
import { sightIn, type Stream, formatStream } from './streams.ts'

/** Every event of a watch was requested before and not refused. Objects without operations are not judged. */
export function inventedEvents(streams: readonly Stream[], operations: readonly Operation[]): Violation[] {
  const requestedAt = new Map<string, number>()
  for (const one of operations) {
    if (!isWrite(one) || one.outcome === 'refused') continue
    const name = nameOf(one.key, one.kind === 'delete' ? '' : one.value)
    requestedAt.set(name, Math.min(requestedAt.get(name) ?? Infinity, one.call))
  }
  const keys = new Set(operations.map(({ key }) => key))
  return streams.flatMap((stream) => {
    const event = stream.events.find(({ type, key, value, at }) => {
      if (type === 'bookmark' || !keys.has(key)) return false
      return (requestedAt.get(nameOf(key, type === 'deleted' ? '' : value)) ?? Infinity) > at
    })
    if (!event) return []
    const what = event.type === 'deleted' ? 'deleted' : event.value
    const description = `The watch of ${formatStream(stream)} reported ${event.key} at ${event.revision} as ${what}, which no client had requested`
    return [{ rule: 'nothing is invented', description, operations: [], sights: [sightIn(stream, event)] }]
  })
}

const nameOf = (key: string, value: string): string => `${key} ${value}`
