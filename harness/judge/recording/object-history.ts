import type { RecordOf } from '../../record/records.ts'

type Sighting = RecordOf<'watch'>

/** One state of an object and the time of its first report by any source. */
export interface Version<T> {
  readonly at: number
  readonly resourceVersion: number
  readonly deleted: boolean
  readonly object: T
  /** The record that reported it first. */
  readonly record: Sighting
}

/** An object from its first report to its deletion; a second object of the same name has another life. */
export class Life<T> {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** True if it existed before the watch began: its earlier states and its age are unknown. */
  readonly listed: boolean
  readonly versions: readonly Version<T>[]

  constructor(sightings: readonly [Sighting, ...Sighting[]], parse: (object: unknown) => T) {
    const [first] = sightings
    this.uid = first.uid
    this.namespace = first.namespace
    this.name = first.name
    this.versions = ordered(sightings, parse)
    // A source that began later may list an object whose creation another source reported.
    const reported = new Set(sightings.map(({ event }) => event))
    this.listed = reported.has('listed') && !reported.has('added')
  }

  /** The known state at a time: undefined before its first report and after its deletion. */
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

/** Every object that several sources reported, each state once, at the time of its earliest report. */
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
 * A state ends at the latest with the report of a newer one: a slow source can't make time run backwards. A list after
 * a loss reports a deletion with the last state that it had, so a deletion always comes last.
 */
function ordered<T>(sightings: readonly Sighting[], parse: (object: unknown) => T): Version<T>[] {
  const states = new Map<number, Sighting>()
  let end: Sighting | undefined
  for (const sighting of sightings) {
    if (sighting.event === 'deleted') {
      if (!end || isEarlier(sighting, end)) end = sighting
      continue
    }
    const version = Number(sighting.resourceVersion)
    const known = states.get(version)
    if (!known || isEarlier(sighting, known)) states.set(version, sighting)
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

/** Two sources at the same time are ordered by name: the order of the journal makes no difference. */
function isEarlier(one: Sighting, other: Sighting): boolean {
  return one.at < other.at || (one.at === other.at && one.source < other.source)
}
