import type { JournalRecord, RecordKind, RecordOf } from '../../record/records.ts'

/** One scenario's part of a journal, with the facts of the run and the cluster from before it. */
export class Recording {
  readonly scenario: string
  readonly records: readonly JournalRecord[]
  /** Counts unproven faults as proven: shows what would be judged if they were. */
  readonly trustsFaults: boolean
  readonly #byKind = new Map<RecordKind, JournalRecord[]>()

  constructor(
    scenario: string,
    records: readonly JournalRecord[],
    { trustsFaults = false }: { readonly trustsFaults?: boolean } = {},
  ) {
    this.scenario = scenario
    this.records = records
    this.trustsFaults = trustsFaults
    for (const record of records) {
      const known = this.#byKind.get(record.kind)
      if (known) known.push(record)
      else this.#byKind.set(record.kind, [record])
    }
    for (const list of this.#byKind.values()) list.sort((a, b) => a.at - b.at)
  }

  /** Records of one kind in the order in which they happened. */
  of<K extends RecordKind>(kind: K): readonly RecordOf<K>[] {
    return (this.#byKind.get(kind) ?? []) as RecordOf<K>[]
  }

  /** The same recording with every fault counted as proven. */
  trusting(): Recording {
    return new Recording(this.scenario, this.records, { trustsFaults: true })
  }
}

/**
 * Splits a journal into its scenarios' recordings. Each also holds the records before it and outside of every scenario
 * (run, cluster, configuration), and the losses that may have changed those.
 */
export function recordings(journal: Iterable<JournalRecord>): Recording[] {
  let common: JournalRecord[] = []
  const found: Part[] = []
  let current: Part | undefined
  for (const record of journal) {
    const edge = record.kind === 'scenario' ? record : undefined
    // Without its end record a recording may hold records of later scenarios: its losses may concern their cluster.
    if (current && edge && !isEndOf(current, edge)) common.push(...lossesOf(current))
    if (edge?.edge === 'start') {
      current = { start: edge, records: [...common] }
      found.push(current)
    }
    if (record.kind === 'cluster') common = beforeEveryCluster(common)
    if (current) current.records.push(record)
    else common.push(record)
    if (edge?.edge === 'end') current = undefined
  }
  return found.map(({ start, records }) => new Recording(start.name, records))
}

interface Part {
  readonly start: RecordOf<'scenario'>
  readonly records: JournalRecord[]
}

function isEndOf({ start }: Part, { edge, name, repetition }: RecordOf<'scenario'>): boolean {
  return edge === 'end' && name === start.name && repetition === start.repetition
}

function lossesOf({ start, records }: Part): JournalRecord[] {
  return records.slice(records.indexOf(start)).filter(({ kind }) => kind === 'loss')
}

/** A new cluster invalidates the facts and losses of the one before it, but not the losses of the run. */
function beforeEveryCluster(common: readonly JournalRecord[]): JournalRecord[] {
  const run = common.findLastIndex(({ kind }) => kind === 'run')
  return common.filter(({ kind }, index) => kind === 'run' || (kind === 'loss' && (index < run || run === -1)))
}
