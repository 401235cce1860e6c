import fc from 'fast-check'
import type { JournalRecord } from '../records.ts'

const at = fc.double({ min: 0, max: 1e9, noNaN: true })
const word = fc.string({ unit: 'grapheme', maxLength: 20 })

/** Records of the most frequent kinds, with arbitrary text. */
export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ kind: fc.constant('step' as const), at, name: word }),
  fc.record({ kind: fc.constant('rig' as const), at, message: word }),
  fc.record({
    kind: fc.constant('attempt' as const),
    at,
    endedAt: at,
    from: word,
    to: word,
    service: word,
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    ok: fc.boolean(),
    backend: word,
  }),
  fc.record({
    kind: fc.constant('watch' as const),
    at,
    source: word,
    event: fc.constantFrom('listed' as const, 'added' as const, 'modified' as const, 'deleted' as const),
    resource: fc.constantFrom('pods', 'nodes'),
    namespace: word,
    name: word,
    uid: word,
    resourceVersion: word,
    object: fc.dictionary(
      word.filter((key) => key !== '__proto__'),
      fc.jsonValue(),
    ) as fc.Arbitrary<Record<string, unknown>>,
  }),
  fc.record({
    kind: fc.constant('command' as const),
    at,
    endedAt: at,
    machine: word,
    argv: fc.array(word),
    exitCode: fc.integer(),
    stdout: word,
    stderr: word,
  }),
)
