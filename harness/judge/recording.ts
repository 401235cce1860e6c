import type { JournalRecord, RecordKind, RecordOf } from '../record/records.ts'

/** One scenario's part of a journal, with what was known of the run and the cluster before it began. */
export class Recording {
  readonly scenario: string
  readonly records: readonly JournalRecord[]
  /** Faults without proof count as if they were proven: shows what would have been judged had they been. */
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

  /** The same recording with every fault taken as proven. */
  trusting(): Recording {
    return new Recording(this.scenario, this.records, { trustsFaults: true })
  }
}

/** Splits a journal into its scenarios' recordings; each also carries what stands before it and outside of every scenario (run, cluster, configuration). */
export function recordings(journal: Iterable<JournalRecord>): Recording[] {
  let common: JournalRecord[] = []
  const found: { name: string; records: JournalRecord[] }[] = []
  let current: { name: string; records: JournalRecord[] } | undefined
  for (const record of journal) {
    if (record.kind === 'scenario' && record.edge === 'start') {
      current = { name: record.name, records: [...common] }
      found.push(current)
    }
    // A new cluster makes what was known of the one before it void.
    if (record.kind === 'cluster') common = common.filter(({ kind }) => kind === 'run')
    if (current) current.records.push(record)
    else common.push(record)
    if (record.kind === 'scenario' && record.edge === 'end') current = undefined
  }
  return found.map(({ name, records }) => new Recording(name, records))
}
