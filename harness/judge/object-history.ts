import type { RecordOf } from '../record/records.ts'

type Sighting = RecordOf<'watch'>

/** One state of an object and when it was first told by anybody. */
export interface Version<T> {
  readonly at: number
  readonly resourceVersion: number
  readonly deleted: boolean
  readonly object: T
  /** What told it first. */
  readonly record: Sighting
}

/** An object from its first sight to its deletion; a second object of the same name has another life. */
export class Life<T> {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** True if it was there before the watch began: what it was earlier, and since when, is not known. */
  readonly listed: boolean
  readonly versions: readonly Version<T>[]

  constructor(sightings: readonly [Sighting, ...Sighting[]], parse: (object: unknown) => T) {
    const [first] = sightings
    this.uid = first.uid
    this.namespace = first.namespace
    this.name = first.name
    this.versions = ordered(sightings, parse)
    // A source that began later may list what another one saw come.
    const told = new Set(sightings.map(({ event }) => event))
    this.listed = told.has('listed') && !told.has('added')
  }

  /** What was known of it at a time: undefined before it was seen and after it was deleted. */
  at(time: number): T | undefined {
    const version = this.versions.findLast(({ at }) => at <= time)
    return version && !version.deleted ? version.object : undefined
  }

  first(holds: (object: T) => boolean, since = -Infinity): Version<T> | undefined {
    return this.versions.find(({ at, deleted, object }) => !deleted && at >= since && holds(object))
  }

  get bornAt(): number {
    return this.versions[0]?.at ?? Infinity
  }

  get deletedAt(): number {
    const last = this.versions.at(-1)
    return last?.deleted ? last.at : Infinity
  }
}

/** Every object that several sources told of, each state once, at the earliest time at which anybody told it. */
export class ObjectHistory<T> {
  readonly lives: readonly Life<T>[]

  constructor(sightings: Iterable<Sighting>, parse: (object: unknown) => T) {
    const byUid = Map.groupBy(sightings, ({ uid }) => uid)
    this.lives = [...byUid.values()].map((own) => new Life(own as [Sighting, ...Sighting[]], parse))
  }

  /** The lives of one name, oldest first. */
  named(namespace: string, name: string): Life<T>[] {
    return this.lives
      .filter((life) => life.namespace === namespace && life.name === name)
      .sort((a, b) => a.bornAt - b.bornAt)
  }

  in(namespace: string): Life<T>[] {
    return this.lives.filter((life) => life.namespace === namespace)
  }
}

/**
 * A state is in force at the latest when a newer one was told: a slow source can't make time run backwards. A list
 * after a loss tells a deletion with the last state it knew, so a deletion always comes last.
 */
function ordered<T>(sightings: readonly Sighting[], parse: (object: unknown) => T): Version<T>[] {
  const states = new Map<number, Sighting>()
  let end: Sighting | undefined
  for (const sighting of sightings) {
    if (sighting.event === 'deleted') {
      if (!end || sighting.at < end.at) end = sighting
      continue
    }
    const version = Number(sighting.resourceVersion)
    const known = states.get(version)
    if (!known || sighting.at < known.at) states.set(version, sighting)
  }
  const inOrder = [...states].sort(([a], [b]) => a - b).map(([, sighting]) => sighting)
  if (end) inOrder.push(end)
  const versions: Version<T>[] = []
  let latest = Infinity
  for (const record of inOrder.reverse()) {
    const { at, resourceVersion, event, object } = record
    latest = Math.min(latest, at)
    versions.push({
      at: latest,
      resourceVersion: Number(resourceVersion),
      deleted: event === 'deleted',
      object: parse(object),
      record,
    })
  }
  return versions.reverse()
}
