import type { Sight, Violation } from './history.ts'

/** Something that tells of the store as it was at a revision, or later. */
export interface Observation {
  readonly id: number
  readonly call: number
  readonly end: number
  readonly revision: number
  readonly writes?: boolean
  readonly client: string
  /** "the list of client1 through control-plane1" */
  readonly words: string
}

/**
 * No read goes behind what had ended before it began: of two, the later one tells of the same revision or a later one.
 * What is `known` (confirmed writes) binds reads in the same way and is not judged itself.
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
        words: `${read.words} is of ${read.revision} and began ${Math.round(read.call - newest.end)} ms after ${newest.words} of ${newest.revision} had ended`,
        operations: [newest.id, read.id],
        sights: [seen(newest, false), seen(read, true)],
      })
    }
  }
  return violations
}

function seen({ client, call, end, revision, words, writes = false }: Observation, shows: boolean): Sight {
  return { client, call, end, writes, shows, words: `${words}: of ${revision}` }
}
