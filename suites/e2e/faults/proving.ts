import { expect, test } from 'vitest'
import type { ResidueCheck } from '../../../harness/faults/residue/residue-check.ts'
import type { JournalRecord, RecordOf } from '../../../harness/record/records.ts'

/** What tests of faults share: the baseline of the residue check and the records since then. */
export interface Broken {
  readonly residueCheck: ResidueCheck
  readonly records: readonly JournalRecord[]
}

/**
 * Defines a test of faults, by catalogue name, on a real cluster. The body injects them, confirms the effect independently, and
 * heals them. It passes only if each fault is recorded as injected and healed and there is no residue.
 *
 * Callers write the names literally: scripts/checks/fault-proofs.ts reads them from the source and reports faults without a test.
 */
export function testEffect(
  names: string | readonly string[],
  what: string,
  it: () => Broken,
  body: () => Promise<void>,
): void {
  test(`${[names].flat().join(', ')}: ${what}`, async () => {
    const before = it().records.length
    await body()
    const recorded = it().records.slice(before)
    for (const name of [names].flat()) {
      const edges = edgesOf(recorded, name)
      expect(edges.length, `${name} was injected`).toBeGreaterThan(0)
      const [permanent] = edges.filter((edge) => edge.permanent)
      expect(ends(edges), name).toEqual({
        injected: ends(edges).intent,
        healed: permanent ? 0 : ends(edges).intent,
        intent: ends(edges).intent,
        unproven: 0,
      })
    }
    expect(await it().residueCheck.residue()).toEqual([])
  })
}

/**
 * Defines a test of faults on unsuitable targets: each attempt is refused, or is unproven and reverted. Either makes a scenario
 * `invalid`.
 */
export function refused(
  names: string | readonly string[],
  what: string,
  it: () => Broken,
  attempts: () => Promise<readonly (() => Promise<unknown>)[]>,
): void {
  test(`refuses ${[names].flat().join(', ')}: ${what}`, async () => {
    const before = it().records.length
    for (const attempt of await attempts()) {
      await expect(attempt(), String(attempt)).rejects.toMatchObject({
        code: expect.stringMatching(/^HF_FAULT_(UNAVAILABLE|UNPROVEN)$/) as string,
      })
    }
    const edges = edgesOf(it().records.slice(before))
    expect(ends(edges)).toMatchObject({ injected: 0, intent: ends(edges).unproven })
    expect(await it().residueCheck.residue()).toEqual([])
  })
}

function edgesOf(recorded: readonly JournalRecord[], name?: string): RecordOf<'fault'>[] {
  return recorded.filter(
    (record): record is RecordOf<'fault'> => record.kind === 'fault' && (name === undefined || record.fault === name),
  )
}

function ends(edges: readonly RecordOf<'fault'>[]): Record<RecordOf<'fault'>['edge'], number> {
  const count = (wanted: RecordOf<'fault'>['edge']): number => edges.filter(({ edge }) => edge === wanted).length
  return { intent: count('intent'), injected: count('injected'), healed: count('healed'), unproven: count('unproven') }
}
