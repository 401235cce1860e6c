import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'

interface Deleted {
  readonly grace?: number
  /** When the API removes the pod; undefined: never. */
  readonly end?: number
  readonly finalizers?: readonly string[]
  readonly more?: (builder: JournalBuilder) => void
}

/** A pod of worker3 with a request to delete it at 60 s. */
function deleted({ grace = 5, end, finalizers = [], more = () => undefined }: Deleted) {
  return drainNode((builder) => {
    const pod = (metadata: object) => ({ metadata, spec: { nodeName: 'worker3' }, status: {} })
    const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: grace, finalizers }
    builder.object(50_000, 'pods', builder.namespace, 'x', pod({}), 'added')
    builder.object(60_000, 'pods', builder.namespace, 'x', pod(deletion))
    if (end !== undefined) builder.object(end, 'pods', builder.namespace, 'x', pod(deletion), 'deleted')
    more(builder)
  })
}

describe('KLET-06', () => {
  test('passes for pods that are removed within their grace period and the allowance', () => {
    expect(verdictOf('KLET-06', drainNode())).toMatchObject({ status: 'pass', code: 'REMOVED', values: { pods: 2 } })
    expect(verdictOf('KLET-06', deleted({ end: 95_000 }))).toMatchObject({ status: 'pass', measured: 35_000 })
  })

  test('is late for a pod that is removed later, and fails for one that is not removed', () => {
    expect(verdictOf('KLET-06', deleted({ end: 95_001 }))).toMatchObject({
      status: 'late',
      code: 'REMOVED_LATE',
      bound: { limit: 35_000 },
    })
    expect(verdictOf('KLET-06', deleted({ grace: 1, end: 95_000 })).status).toBe('late')
    expect(verdictOf('KLET-06', deleted({}))).toMatchObject({
      status: 'fail',
      code: 'NOT_REMOVED',
      values: { pod: 'hf-drain-node/x', node: 'worker3', afterMs: 60_000 },
    })
  })

  test('does not judge a pod with a finalizer, or before its grace period has passed', () => {
    expect(verdictOf('KLET-06', deleted({ finalizers: ['example.com/keep'] }))).toMatchObject({ values: { pods: 2 } })
    expect(verdictOf('KLET-06', deleted({ grace: 300 }))).toMatchObject({ status: 'pass', values: { pods: 2 } })
  })

  test('allows a disturbed kubelet its time', () => {
    const paused = (builder: JournalBuilder): void =>
      void builder.fault('f9', 'pause', { machines: ['worker3'], component: 'kubelet' }, 59_000, 90_000)
    expect(verdictOf('KLET-06', deleted({ end: 100_000, more: paused })).status).toBe('pass')
    const other = (builder: JournalBuilder): void =>
      void builder.fault('f9', 'pause', { machines: ['worker1'], component: 'kubelet' }, 59_000, 90_000)
    expect(verdictOf('KLET-06', deleted({ end: 100_000, more: other })).status).toBe('late')
  })
})
