import { describe, expect, test } from 'vitest'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

interface State {
  readonly count: number
  readonly id?: string
  readonly finished?: number
  readonly started?: number
  readonly running?: boolean
  readonly policy?: string
}

const clock = (seconds: number): string =>
  `2026-01-01T00:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}Z`

function pod({ count, id = `c${count}`, finished, started = 0, running = true, policy }: State) {
  return {
    spec: { nodeName: 'worker1', ...(policy ? { restartPolicy: policy } : {}) },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'c',
          containerID: `containerd://${id}`,
          restartCount: count,
          state: running ? { running: { startedAt: clock(started) } } : { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: finished === undefined ? {} : { terminated: { containerID: 'x', finishedAt: clock(finished) } },
        },
      ],
    },
  }
}

/** The pod's states, 10 s apart, from 10 s on; the recording ends at `end` seconds. */
function states(all: readonly State[], end = 90, more: (builder: JournalBuilder) => void = () => undefined) {
  const builder = new JournalBuilder('restarts')
  for (const [n, state] of all.entries()) {
    builder.object(10_000 * (n + 1), 'pods', builder.namespace, 'web', pod(state), n === 0 ? 'added' : 'modified')
  }
  more(builder)
  return builder.journal(end * 1_000)
}

const first: State = { count: 0 }
const second: State = { count: 1, finished: 20, started: 21 }
/** 10 s after the second container's end. */
const third: State = { count: 2, finished: 30, started: 40 }

describe('KLET-02', () => {
  test('passes for restarts that follow the back-off', () => {
    expect(verdictOf('KLET-02', states([first, second, { ...second, running: false }, third]))).toMatchObject({
      status: 'pass',
      code: 'RESTARTED',
      values: { restarts: 2 },
    })
  })

  const broken: readonly [what: string, states: readonly State[], status: string, code: string][] = [
    ['is not restarted', [first, { ...first, running: false }], 'fail', 'NOT_RESTARTED'],
    ['is restarted before its back-off', [first, second, { ...third, started: 33 }], 'fail', 'RESTARTED_EARLY'],
    ['is restarted without a count', [first, { ...second, count: 0, id: 'c9' }], 'fail', 'RESTART_NOT_COUNTED'],
    ['is restarted after its back-off', [first, { ...second, started: 80 }], 'late', 'RESTARTED_LATE'],
  ]
  test.each(broken)('fails for a container that %s', (_, all, status, code) => {
    expect(verdictOf('KLET-02', states(all))).toMatchObject({ status, code })
  })

  test('follows the live limit of the back-off', () => {
    const values = { 'kubeletconfig.crashLoopBackOff.maxContainerRestartPeriod': '2s' }
    const journal = states([first, second, { ...third, started: 33 }], 90, (builder) => {
      builder.add(1, { kind: 'config', machine: 'worker1', component: 'kubelet', source: '/configz', values })
    })
    expect(verdictOf('KLET-02', journal)).toMatchObject({ status: 'pass', bound: { limit: 22_000 } })
  })

  test('is inconclusive where the recording ends within the back-off, and without times', () => {
    expect(verdictOf('KLET-02', states([first, { ...first, running: false }], 30))).toMatchObject({
      status: 'inconclusive',
      code: 'TOO_SHORT',
    })
    const untimed: JournalRecord[] = states([first, { count: 1, started: 21 }])
    expect(verdictOf('KLET-02', untimed)).toMatchObject({ status: 'inconclusive', code: 'NO_TIMES' })
  })

  test('is not exercised without an end, where the pod restarts nothing, and after a fault of the kubelet', () => {
    const code = 'STIMULUS_ABSENT'
    expect(verdictOf('KLET-02', states([first])).code).toBe(code)
    expect(
      verdictOf(
        'KLET-02',
        edited(states([first, second]), 'watch', () => undefined),
      ).code,
    ).toBe(code)
    const never = { policy: 'Never' }
    expect(
      verdictOf(
        'KLET-02',
        states([
          { ...first, ...never },
          { ...first, ...never, running: false },
        ]),
      ).code,
    ).toBe(code)
    const disturbed = states([first, second], 90, (builder) =>
      builder.fault('f1', 'kill', { machines: ['worker1'], component: 'kubelet' }, 5_000, 6_000),
    )
    expect(verdictOf('KLET-02', disturbed).code).toBe(code)
  })
})
