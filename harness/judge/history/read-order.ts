import type { Sight, Violation } from './history.ts'

/** An observation of the store at a revision, or later. */
export interface Observation {
  readonly id: number
  readonly call: number
  readonly end: number
  readonly revision: number
  readonly writes?: boolean
  readonly client: string
  /** "the list of client1 through control-plane1" */
  readonly description: string
}

/**
 * No read returns an older revision than a read that had ended before it began. `known` (confirmed writes) restricts
 * reads in the same way and is not judged itself.
 */
export function behind(reads: readonly Observation[], known: readonly Observation[] = []): Violation[] {
  const ended = [...reads, ...known].sort((a, b) => a.end - b.end)
  const violations: Violation[] = []
  let next = 0
  let newest: Observation | undefined
  for (const read of reads.toSorted((a, b) => a.call - b.call)) {
    for (let one; (one = ended[next]) && one.end < read.call; next++) {
      if (!newest || one.revision > newest.revision) newest = one
    }
    if (newest && read.revision < newest.revision) {
      violations.push({
        rule: 'no read goes back',
        description: `${read.description} has revision ${read.revision} and began ${Math.round(read.call - newest.end)} ms after the end of ${newest.description} of revision ${newest.revision}`,
        operations: [newest.id, read.id],
        sights: [seen(newest, false), seen(read, true)],
      })
    }
  }
  return violations
}

function seen({ client, call, end, revision, description, writes = false }: Observation, shows: boolean): Sight {
  return { client, call, end, writes, shows, description: `${description}: of ${revision}` }
}
