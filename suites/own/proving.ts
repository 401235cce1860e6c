import { expect, test } from 'vitest'
import type { Audit } from '../../harness/faults/audit.ts'
import type { JournalRecord, RecordOf } from '../../harness/record/records.ts'

/** What tests of faults share: what their cluster was before, and all that faults have told since. */
export interface Broken {
  readonly audit: Audit
  readonly told: readonly JournalRecord[]
}

/**
 * A test of faults by their names in the catalogue, on a real cluster. The body injects them, looks with eyes of its own at
 * what they do, and heals them. It passes only if each of them has told of both its ends and the cluster is as it was before.
 *
 * Names are written out where this is called: scripts/fault-proofs.ts reads them there, and a test of its own misses those of no test.
 */
export function bites(
  names: string | readonly string[],
  what: string,
  it: () => Broken,
  body: () => Promise<void>,
): void {
  test(`${[names].flat().join(', ')}: ${what}`, async () => {
    const before = it().told.length
    await body()
    const told = it().told.slice(before)
    for (const name of [names].flat()) {
      const edges = edgesOf(told, name)
      expect(edges.length, `${name} was injected`).toBeGreaterThan(0)
      const [permanent] = edges.filter((edge) => edge.permanent)
      expect(ends(edges), name).toEqual({
        injected: ends(edges).intent,
        healed: permanent ? 0 : ends(edges).intent,
        intent: ends(edges).intent,
        unproven: 0,
      })
    }
    expect(await it().audit.residue()).toEqual([])
  })
}

/**
 * A test that faults can't hit what they are made to hit: each of the attempts is refused, or was not proven and is undone.
 * Whichever it is, a scenario that tried it is `invalid`.
 */
export function refused(
  names: string | readonly string[],
  what: string,
  it: () => Broken,
  attempts: () => Promise<readonly (() => Promise<unknown>)[]>,
): void {
  test(`${[names].flat().join(', ')} refused: ${what}`, async () => {
    const before = it().told.length
    for (const attempt of await attempts()) {
      await expect(attempt(), String(attempt)).rejects.toMatchObject({
        code: expect.stringMatching(/^HF_FAULT_(UNAVAILABLE|UNPROVEN)$/) as string,
      })
    }
    const edges = edgesOf(it().told.slice(before))
    expect(ends(edges)).toMatchObject({ injected: 0, intent: ends(edges).unproven })
    expect(await it().audit.residue()).toEqual([])
  })
}

function edgesOf(told: readonly JournalRecord[], name?: string): RecordOf<'fault'>[] {
  return told.filter(
    (record): record is RecordOf<'fault'> => record.kind === 'fault' && (name === undefined || record.fault === name),
  )
}

function ends(edges: readonly RecordOf<'fault'>[]): Record<RecordOf<'fault'>['edge'], number> {
  const count = (wanted: RecordOf<'fault'>['edge']): number => edges.filter(({ edge }) => edge === wanted).length
  return { intent: count('intent'), injected: count('injected'), healed: count('healed'), unproven: count('unproven') }
}
