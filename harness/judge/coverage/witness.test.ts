import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { objects } from '../recording/kubernetes-objects.ts'
import { Recording } from '../recording/recording.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import { witnessed } from './witness.ts'

const source = 'control-plane1'
const resource = 'leases'
const first = 100
const stream = { source, resource } as const

/** What happens to one change that etcd stores on its way into the journal. */
type Fate = 'reported' | 'lost' | 'twice' | 'cut' | 'marked'
const fates = fc.array(
  fc.record({
    fate: fc.oneof(
      { weight: 6, arbitrary: fc.constant<Fate>('reported') },
      ...(['lost', 'twice', 'cut', 'marked'] as const).map((fate) => ({ weight: 1, arbitrary: fc.constant(fate) })),
    ),
    name: fc.constantFrom('a', 'b', 'c'),
    ends: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

/** A journal in which that happened, and what the judge can determine. */
function journalOf(changes: readonly { fate: Fate; name: string; ends: boolean }[]) {
  const records: JournalRecord[] = [{ kind: 'mark', at: 0, ...stream, resourceVersion: String(first) }]
  const newest = new Map<string, number>()
  const expected = { dropped: [] as number[], doubled: [] as number[], inGaps: 0, unconfirmed: 0 }
  /** Lost since the last confirmed revision; a gap in between decides how. */
  let open: number[] = []
  let nearGap = false
  const report = (at: number, name: string, revision: number, event: RecordOf<'watch'>['event']): void => {
    const object = { namespace: 'n', name, uid: name, resourceVersion: String(revision), object: {} }
    records.push({ kind: 'watch', at, ...stream, event, ...object })
    if (event === 'deleted') newest.delete(name)
    else newest.set(name, revision)
  }
  const stands = (): void => {
    if (nearGap) expected.inGaps += open.length
    else expected.dropped.push(...open)
    open = []
    nearGap = false
  }
  for (const [n, { fate, name, ends }] of changes.entries()) {
    const [revision, at] = [first + 1 + n, 10 * (n + 1)]
    const type = ends ? 'delete' : 'put'
    const events = [{ key: `/registry/leases/n/${name}`, revision, type } as const]
    for (const member of ['etcd1', 'etcd2']) records.push({ kind: 'stored', at, member, events: [...events] })
    const event = ends ? 'deleted' : 'modified'
    if (fate === 'reported' || fate === 'twice') {
      report(at, name, revision, event)
      stands()
    }
    if (fate === 'twice') {
      report(at + 1, name, revision, event)
      expected.doubled.push(revision)
    }
    if (fate === 'lost' || fate === 'cut') open.push(revision)
    if (fate === 'cut') {
      // The list after it reports a deletion with the last known version.
      const known = newest.get('a')
      if (known !== undefined) report(at + 2, 'a', known, 'deleted')
      records.push({ kind: 'gap', at: at - 1, until: at + 3, ...stream, reason: 'it broke' })
      nearGap = true
    }
    if (fate === 'marked') {
      open.push(revision)
      records.push({ kind: 'mark', at: at + 4, ...stream, resourceVersion: String(revision) })
      stands()
    }
  }
  expected.unconfirmed = open.length
  return { records, expected }
}

const asChanges = (revisions: readonly number[]) => revisions.map((revision) => expect.objectContaining({ revision }))

test('changes that are lost, doubled, lost in a gap or still under way are distinguished in any order', () => {
  fc.assert(
    fc.property(fates, (changes) => {
      const { records, expected } = journalOf(changes)
      const found = witnessed(new Recording('s', records))
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({
        dropped: asChanges(expected.dropped),
        doubled: asChanges(expected.doubled),
        inGaps: expected.inGaps,
        unconfirmed: expected.unconfirmed,
      })
      const recording = new Recording('s', records)
      const read = (): unknown => objects(recording, 'leases')
      if (expected.dropped.length + expected.doubled.length > 0) expect(read).toThrow(InconclusiveError)
      else expect(read).not.toThrow()
      expect(() => objects(recording, 'pods')).not.toThrow()
    }),
  )
})

test('without etcd records, or for a watch without marks, nothing is compared', () => {
  const { records } = journalOf([
    { fate: 'reported', name: 'a', ends: false },
    { fate: 'lost', name: 'a', ends: false },
  ])
  for (const left of ['stored', 'mark'])
    expect(
      witnessed(
        new Recording(
          's',
          records.filter(({ kind }) => kind !== left),
        ),
      ),
    ).toEqual([])
})
