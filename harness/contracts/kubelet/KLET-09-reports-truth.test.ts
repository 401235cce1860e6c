import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/stories.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { Script } from '../../judge/testing/script.ts'

interface Reported {
  readonly id?: string
  readonly address?: string
  readonly last?: string
}

function report(script: Script, t: number, { id, address, last }: Reported, event: 'added' | 'modified' = 'modified') {
  const status = {
    phase: 'Running',
    ...(address === undefined ? {} : { podIP: address }),
    containerStatuses: [
      ...(id === undefined ? [] : [{ containerID: `containerd://${id}`, state: { running: {} } }]),
      ...(last === undefined ? [] : [{ lastState: { terminated: { containerID: `containerd://${last}` } } }]),
    ],
  }
  script.object(t, 'pods', script.namespace, 'x', { spec: { nodeName: 'control-plane2' }, status }, event)
}

function list(script: Script, t: number, ids: readonly string[], address = '10.244.3.9'): void {
  const of = { namespace: script.namespace, pod: 'x', pid: 9, startedAt: '1' }
  const sandbox = { ...of, id: 'sandbox', name: 'pause', address }
  const containers = ids.map((id) => ({ ...of, id, name: 'c' }))
  script.add(t, { kind: 'containers', machine: 'control-plane2', containers: [sandbox, ...containers] })
}

function listTwice(script: Script, ids: readonly string[], address?: string): void {
  for (const t of [70_000, 110_000]) list(script, t, ids, address)
}

const first: Reported = { id: 'one', address: '10.244.3.9' }

/** A pod of control-plane2 whose status reports the container `one` from 60 s on. */
function pod(more: (script: Script) => void) {
  return drainNode((script) => {
    report(script, 60_000, first, 'added')
    more(script)
  })
}

describe('KLET-09', () => {
  test('passes where statuses agree with the runtimes', () => {
    expect(verdictOf('KLET-09', drainNode())).toMatchObject({ status: 'pass', code: 'STATUS_TRUE' })
    expect(
      verdictOf(
        'KLET-09',
        pod((script) => list(script, 70_000, ['one'])),
      ),
    ).toMatchObject({ status: 'pass', measured: 0 })
  })

  const lies: readonly [what: string, more: (script: Script) => void, difference: RegExp, afterMs: number][] = [
    ['a container that does not run', (script) => listTwice(script, []), /container one is running/, 50_000],
    ['not a container that runs', (script) => listTwice(script, ['one', 'two']), /listed the container two/, 40_000],
    [
      'another address',
      (script) => listTwice(script, ['one'], '10.244.3.8'),
      /address 10.244.3.9, .* 10.244.3.8/,
      40_000,
    ],
  ]
  test.each(lies)('fails where a status reports %s', (_, more, difference, afterMs) => {
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
    const corrected = (t: number) => (script: Script) => {
      listTwice(script, ['one', 'two'])
      report(script, t, { ...first, id: 'two', last: 'one' })
    }
    expect(verdictOf('KLET-09', pod(corrected(73_000)))).toMatchObject({ status: 'pass', measured: 3_000 })
    expect(verdictOf('KLET-09', pod(corrected(85_000)))).toMatchObject({
      status: 'late',
      code: 'STATUS_LATE',
      values: { afterMs: 15_000 },
    })
  })

  test('passes for a container that ended before its status was due, and for a former one', () => {
    const ended = (script: Script): void => {
      list(script, 70_000, ['one', 'brief'])
      list(script, 72_000, ['one'])
    }
    expect(verdictOf('KLET-09', pod(ended)).status).toBe('pass')
    const former = (script: Script): void => {
      report(script, 69_000, { ...first, last: 'old' })
      list(script, 70_000, ['one', 'old'])
    }
    expect(verdictOf('KLET-09', pod(former)).status).toBe('pass')
  })

  test('allows a disturbed kubelet its time, and does not judge terminating pods', () => {
    const paused = (script: Script): void => {
      list(script, 70_000, [])
      script.fault('f9', 'pause', { machines: ['control-plane2'], component: 'kubelet' }, 69_000, 110_000)
    }
    expect(verdictOf('KLET-09', pod(paused)).status).toBe('pass')
    const terminating = (script: Script): void => {
      const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
      script.object(69_000, 'pods', script.namespace, 'x', {
        metadata,
        spec: { nodeName: 'control-plane2' },
        status: {},
      })
      list(script, 70_000, ['one'])
    }
    expect(verdictOf('KLET-09', pod(terminating)).status).toBe('pass')
  })
})
