import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

interface Change {
  /** When the object is removed; undefined for never. */
  readonly removedAt?: number | undefined
  readonly changedAt?: number
  readonly finalizers?: readonly string[]
  /** A state without finalizers, while the deletion is requested. */
  readonly openAt?: number
  readonly before?: (builder: JournalBuilder) => void
}

/** A Deployment with a finalizer is deleted at 5 s; a client removes the finalizer at 20 s. */
function journal(change: Change = {}): JournalRecord[] {
  const {
    removedAt = Infinity,
    changedAt = 20_000,
    finalizers = ['example.com/kept'],
    openAt,
  } = {
    removedAt: 20_010,
    ...change,
  }
  const builder = new JournalBuilder('finalizers')
  const { namespace } = builder
  const object = (metadata: object): Record<string, unknown> => ({ metadata, spec: { replicas: 0, selector: {} } })
  const ending = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  builder.object(1_000, 'deployments', namespace, 'kept', object({ finalizers }), 'added')
  builder.request(5_000, { verb: 'delete', resource: 'deployments', name: 'kept', code: 200 })
  builder.object(5_010, 'deployments', namespace, 'kept', object({ ...ending, finalizers }))
  builder.request(changedAt, { verb: 'patch', resource: 'deployments', name: 'kept', code: 200 })
  if (openAt !== undefined) builder.object(openAt, 'deployments', namespace, 'kept', object(ending))
  if (removedAt < Infinity) {
    builder.object(removedAt, 'deployments', namespace, 'kept', object({ ...ending, finalizers }), 'deleted')
  }
  change.before?.(builder)
  return builder.journal(60_000)
}

describe('CM-05', () => {
  test('passes where the object stays until its finalizer is removed', () => {
    expect(verdictOf('CM-05', journal())).toMatchObject({
      status: 'pass',
      code: 'POSTPONED',
      values: { object: 'deployments hf-finalizers/kept', finalizer: 'example.com/kept', afterMs: 15_000, objects: 1 },
    })
  })

  test('passes where the finalizer keeps the object until the end', () => {
    expect(verdictOf('CM-05', journal({ removedAt: undefined })).status).toBe('pass')
  })

  test('fails where the object is removed with its finalizer', () => {
    expect(verdictOf('CM-05', journal({ removedAt: 12_000 }))).toMatchObject({
      status: 'fail',
      code: 'REMOVED_WITH_FINALIZER',
      values: { finalizer: 'example.com/kept', afterMs: 6_990 },
    })
  })

  test('fails where the object stays without a finalizer', () => {
    expect(verdictOf('CM-05', journal({ removedAt: undefined, openAt: 20_010 }))).toMatchObject({
      status: 'fail',
      code: 'KEPT_WITHOUT_FINALIZER',
    })
  })

  test('is inconclusive where the audit log may hold the change, or the end is too near', () => {
    const lost = (builder: JournalBuilder): void => {
      const until = start + 13_000
      builder.add(11_000, { kind: 'gap', source: 'control-plane1', resource: 'audit', until, reason: 'a restart' })
    }
    expect(verdictOf('CM-05', journal({ removedAt: 12_000, before: lost })).code).toBe('NOT_AUDITED')
    expect(verdictOf('CM-05', journal({ removedAt: undefined, openAt: 59_500 })).code).toBe('RECORDING_ENDS')
  })

  test('is inconclusive where no source watched the object', () => {
    const before = (builder: JournalBuilder): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(9_000, { kind: 'gap', source, resource: 'deployments', until: start + 9_500, reason: 'cut' })
      }
    }
    expect(verdictOf('CM-05', journal({ before })).code).toBe('NOT_WATCHED')
  })

  test('is not exercised without a finalizer', () => {
    expect(verdictOf('CM-05', journal({ finalizers: [] })).code).toBe('STIMULUS_ABSENT')
    const none = edited(journal(), 'watch', (record) => (record.resource === 'deployments' ? undefined : record))
    expect(verdictOf('CM-05', none).code).toBe('STIMULUS_ABSENT')
  })
})
