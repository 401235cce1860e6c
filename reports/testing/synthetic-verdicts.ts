import type { Drawing } from '../../harness/judge/history/draw.ts'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'

/** Builds a synthetic verdict: a pass by default. */
export function syntheticVerdict(more: Partial<Verdict> = {}): Verdict {
  return {
    contract: 'SCHED-14',
    promise: 'Of all schedulers only one binds pods, and another takes over within the lease.',
    reference: 'https://kubernetes.io/docs/concepts/architecture/leases/',
    scenario: 'kill-scheduler',
    fault: 'kill kube-scheduler@control-plane1',
    status: 'pass',
    code: 'TAKEOVER_IN_TIME',
    values: { afterMs: 16_400 },
    observed: 'control-plane2 led after 16.4 s',
    measured: 16_400,
    bound: { limit: 25_000, unit: 'ms', source: 'leaseDuration 15s + 2 x retryPeriod 2s of /configz' },
    margin: 0.344,
    reason: 'No binding was made by an instance without the lease.',
    moments: [],
    lines: [],
    ...more,
  }
}

/** A stale read, as a reduced history. */
export const syntheticDrawing: Drawing = {
  spanMs: 50,
  lanes: [
    {
      client: 'writer',
      bars: [
        { from: 0, to: 0.2, open: false, writes: true, shows: false, words: 'create k=old by writer: ok at 5' },
        { from: 0.4, to: 0.6, open: false, writes: true, shows: true, words: 'patch k=new by writer: ok at 6' },
      ],
    },
    {
      client: 'reader',
      bars: [{ from: 0.8, to: 1, open: false, writes: false, shows: true, words: 'get k by reader: old at 5' }],
    },
    {
      client: 'other',
      bars: [{ from: 0.3, to: 1, open: true, writes: true, shows: false, words: 'delete k by other: unknown' }],
    },
  ],
}

/** One verdict of every status, on three scenarios. */
export function everyVerdict(at = 1_000_000): Verdict[] {
  const reference = 'https://kubernetes.io/docs/concepts/architecture/nodes/'
  return [
    syntheticVerdict({ moments: [{ at: at + 26_000, label: 'control-plane2 holds the lease' }] }),
    syntheticVerdict({
      contract: 'SCHED-02',
      promise: 'Without a scheduler new pods wait; when one is back they are placed.',
      status: 'late',
      observed: 'the last pod was placed 31.2 s after the scheduler was back',
      measured: 31_200,
      margin: -0.248,
      reason: 'All pods were placed, but 6.2 s after the bound.',
      moments: [{ at: at + 60_000, label: 'backlog placed' }],
    }),
    syntheticVerdict({
      contract: 'ETCD-03',
      promise: 'A minority of etcd members confirms no write.',
      scenario: 'partition-etcd',
      fault: 'partition etcd2 from etcd1, etcd3',
      status: 'fail',
      code: 'SPLIT_WRITE',
      observed: '3 writes were confirmed by the minority',
      measured: 3,
      bound: { limit: 0, unit: 'count', source: 'the promise itself' },
      margin: -3,
      reason: 'Writes w-17, w-18 and w-19 were acknowledged by etcd2 while it was cut off.',
      moments: [{ at: at + 140_000, label: 'first write confirmed by the minority' }],
      drawing: syntheticDrawing,
    }),
    syntheticVerdict({
      contract: 'PROXY-02',
      promise: 'Every ready replica gets its fair share of new connections.',
      scenario: 'drain-node',
      fault: '',
      observed: '24 samples, smallest p-value 0.013',
      measured: 0.013,
      bound: { limit: 0.001, unit: 'p-value', source: 'alpha of the catalogue' },
      margin: 12,
    }),
    syntheticVerdict({
      contract: 'NODE-02',
      scenario: 'drain-node',
      fault: 'lose-machine worker2',
      reference,
      status: 'inconclusive',
      observed: 'the watch of nodes was cut for 12 s',
      reason: 'The moment of the change may lie in the gap.',
    }),
    syntheticVerdict({
      contract: 'NODE-09',
      scenario: 'drain-node',
      fault: 'lose-machine worker2',
      reference,
      status: 'known',
      observed: 'one pod stayed ready in the slice',
      reason: 'kubernetes#135205 describes this.',
    }),
    syntheticVerdict({
      contract: 'KLET-07',
      scenario: 'drain-node',
      fault: 'drain worker1',
      reference,
      status: 'invalid',
      observed: 'no pod was slow',
      reason: 'No container needed its grace period.',
    }),
    noBound({
      contract: 'CM-01',
      scenario: 'drain-node',
      fault: '',
      reference,
      status: 'not-applicable',
      observed: '',
      reason: 'Nothing was to be reconciled.',
    }),
  ]
}

/** A verdict without a bound. */
export function noBound(more: Partial<Verdict> = {}): Verdict {
  const { bound: _bound, margin: _margin, measured: _measured, ...verdict } = syntheticVerdict(more)
  return verdict
}
