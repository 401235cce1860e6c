import { expect, test } from 'vitest'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { apiFlood, eventStorm } from '../load/api-load.ts'
import { repeat, sequence, together } from './composition.ts'
import { deletePods } from '../kube-api/delete-pods.ts'
import { drain } from '../kube-api/drain.ts'
import { evict } from '../kube-api/evict.ts'
import { hogCpu, hogMemory } from '../load/hog.ts'
import { type ImpairOptions, impair } from '../network/impair.ts'
import { quotaAlarm } from '../storage/quota-alarm.ts'
import { slowDisk } from '../storage/stall-disk.ts'

/* Each of these options has no effect and is refused without access to machine or cluster. */

const machine = { name: 'worker1', spec: { within: {} } } as unknown as Machine
const cluster = { nodes: [machine], etcd: [machine] } as unknown as Cluster
const stage = { signal: new AbortController().signal, onCommand: () => undefined }
const usage = { code: 'HF_BAD_OPTION', exitCode: 64 }

const impairments: readonly ImpairOptions[] = [
  {},
  { latency: '0ms' },
  { latency: '600h' },
  { jitter: '0s' },
  { loss: 0 },
  { loss: -1 },
  { loss: 101 },
  { loss: Number.NaN },
  { reorder: 5, reorderBy: '0ms' },
  { reorderBy: '5ms' },
  { duplicate: 0 },
  { corrupt: 0 },
  { rate: 0 },
  { checksums: 'mended' },
  { seed: 7 },
  { latency: '50ms', loss: 0 },
  { latency: '50ms', checksums: 'mended' },
]

test.each(impairments)('refuses impair with %j', (options) => {
  expect(() => impair([], options)).toThrow(expect.objectContaining(usage) as Error)
})

test('accepts impair with an effect on packets', () => {
  expect(impair([], { latency: '50ms', corrupt: 1, checksums: 'mended' }).name).toBe('impair')
})

test.each([
  ['hog-cpu of 0 CPUs', () => hogCpu(machine, { cores: 0 })],
  ['hog-memory of 0 MiB', () => hogMemory(machine, { megabytes: 0 })],
  ['event-storm without Events', () => eventStorm(cluster, machine, { perSecond: 0 })],
  ['api-flood without concurrent requests', () => apiFlood(cluster, machine, { concurrency: 0 })],
  ['slow-disk that is never frozen', () => slowDisk(machine, { frozenMs: 0, thawedMs: 20 })],
  ['quota-alarm without headroom', () => quotaAlarm(cluster, machine, { headroomMegabytes: 0 })],
  ['drain without a timeout', () => drain(cluster, machine, { ...stage, timeoutSeconds: 0 })],
  ['delete-pods of 0 pods', () => deletePods(cluster, { namespace: 'shop', selector: 'app=cart', count: 0 })],
  ['evict of 0 pods', () => evict(cluster, { namespace: 'shop', selector: 'app=cart', count: 0 })],
  ['together without parts', () => together()],
  ['sequence without parts', () => sequence()],
  ['repeat 0 times', () => repeat(0, hogCpu(machine))],
] as const)('refuses %s', (_, make) => {
  expect(make).toThrow(expect.objectContaining(usage) as Error)
})
