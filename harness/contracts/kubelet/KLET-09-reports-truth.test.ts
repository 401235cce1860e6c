import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'

interface Reported {
  readonly id?: string
  readonly address?: string
  readonly last?: string
}

function report(
  builder: JournalBuilder,
  t: number,
  { id, address, last }: Reported,
  event: 'added' | 'modified' = 'modified',
) {
  const status = {
    phase: 'Running',
    ...(address === undefined ? {} : { podIP: address }),
    containerStatuses: [
      ...(id === undefined ? [] : [{ containerID: `containerd://${id}`, state: { running: {} } }]),
      ...(last === undefined ? [] : [{ lastState: { terminated: { containerID: `containerd://${last}` } } }]),
    ],
  }
  builder.object(t, 'pods', builder.namespace, 'x', { spec: { nodeName: 'control-plane2' }, status }, event)
}

function list(builder: JournalBuilder, t: number, ids: readonly string[], address = '10.244.3.9'): void {
  const of = { namespace: builder.namespace, pod: 'x', pid: 9, startedAt: '1' }
  const sandbox = { ...of, id: 'sandbox', name: 'pause', address }
  const containers = ids.map((id) => ({ ...of, id, name: 'c' }))
  builder.add(t, { kind: 'containers', machine: 'control-plane2', containers: [sandbox, ...containers] })
}

function listTwice(builder: JournalBuilder, ids: readonly string[], address?: string): void {
  for (const t of [70_000, 110_000]) list(builder, t, ids, address)
}

const first: Reported = { id: 'one', address: '10.244.3.9' }

/** A pod of control-plane2 whose status reports the container `one` from 60 s on. */
function pod(more: (builder: JournalBuilder) => void) {
  return drainNode((builder) => {
    report(builder, 60_000, first, 'added')
    more(builder)
  })
}

describe('KLET-09', () => {
  test('passes where statuses agree with the runtimes', () => {
    expect(verdictOf('KLET-09', drainNode())).toMatchObject({ status: 'pass', code: 'STATUS_TRUE' })
    expect(
      verdictOf(
        'KLET-09',
        pod((builder) => list(builder, 70_000, ['one'])),
      ),
    ).toMatchObject({ status: 'pass', measured: 0 })
  })

  const wrongStatuses: readonly [
    what: string,
    more: (builder: JournalBuilder) => void,
    difference: RegExp,
    afterMs: number,
  ][] = [
    ['a container that does not run', (builder) => listTwice(builder, []), /container one is running/, 50_000],
    ['not a container that runs', (builder) => listTwice(builder, ['one', 'two']), /listed the container two/, 40_000],
    [
      'another address',
      (builder) => listTwice(builder, ['one'], '10.244.3.8'),
      /address 10.244.3.9, .* 10.244.3.8/,
      40_000,
    ],
  ]
  test.each(wrongStatuses)('fails where a status reports %s', (_, more, difference, afterMs) => {
    expect(verdictOf('KLET-09', pod(more))).toMatchObject({
      status: 'fail',
      code: 'STATUS_UNTRUE',
      values: {
        pod: 'hf-drain-node/x',
        machine: 'control-plane2',
        difference: expect.stringMatching(difference),
        afterMs,
      },
    })
  })

  test('is late where a status is corrected after the bound, and passes within it', () => {
    const corrected = (t: number) => (builder: JournalBuilder) => {
      listTwice(builder, ['one', 'two'])
      report(builder, t, { ...first, id: 'two', last: 'one' })
    }
    expect(verdictOf('KLET-09', pod(corrected(73_000)))).toMatchObject({ status: 'pass', measured: 3_000 })
    expect(verdictOf('KLET-09', pod(corrected(85_000)))).toMatchObject({
      status: 'late',
      code: 'STATUS_LATE',
      values: { afterMs: 15_000 },
    })
  })

  test('passes for a container that ended before its status was due, and for a former one', () => {
    const ended = (builder: JournalBuilder): void => {
      list(builder, 70_000, ['one', 'brief'])
      list(builder, 72_000, ['one'])
    }
    expect(verdictOf('KLET-09', pod(ended)).status).toBe('pass')
    const former = (builder: JournalBuilder): void => {
      report(builder, 69_000, { ...first, last: 'old' })
      list(builder, 70_000, ['one', 'old'])
    }
    expect(verdictOf('KLET-09', pod(former)).status).toBe('pass')
  })

  test('allows a disturbed kubelet its time, and does not judge terminating pods', () => {
    const paused = (builder: JournalBuilder): void => {
      list(builder, 70_000, [])
      builder.fault('f9', 'pause', { machines: ['control-plane2'], component: 'kubelet' }, 69_000, 110_000)
    }
    expect(verdictOf('KLET-09', pod(paused)).status).toBe('pass')
    const terminating = (builder: JournalBuilder): void => {
      const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
      builder.object(69_000, 'pods', builder.namespace, 'x', {
        metadata,
        spec: { nodeName: 'control-plane2' },
        status: {},
      })
      list(builder, 70_000, ['one'])
    }
    expect(verdictOf('KLET-09', pod(terminating)).status).toBe('pass')
  })
})
