import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { repeat, sequence, together } from '../engine/composition.ts'
import { oneWay } from '../network/grudges.ts'
import type { ImpairOptions } from '../network/impair-options.ts'
import { createFaults } from './faults.ts'

/* Faults are created, and invalid options are refused, without access to machine or cluster. */

const folder = mkdtempSync(join(tmpdir(), 'holdfast-faults-'))
afterAll(() => rmSync(folder, { recursive: true }))
const spec = { embedded: {}, address: '10.0.0.1', components: [] }
const [machine, other] = [
  { name: 'worker1', spec } as unknown as Machine,
  { name: 'worker2', spec } as unknown as Machine,
]
const cluster = { folder, nodes: [machine], etcd: [machine] } as unknown as Cluster
const faults = createFaults(
  cluster,
  () => undefined,
  () => Promise.resolve(),
  new AbortController().signal,
)
const { create } = faults
const usage = { code: 'HF_BAD_OPTION', exitCode: 64 }

const impairments: readonly ImpairOptions[] = [
  {},
  { latency: '0ms' },
  { latency: '600h' },
  { latency: 'soon' },
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
  { latency: '50ms', reorderBy: '5ms' },
  { latency: '50ms', loss: 0 },
  { latency: '50ms', checksums: 'mended' },
]

test.each(impairments)('refuses impair with %j', (options) => {
  expect(() => create.impair([], options)).toThrow(expect.objectContaining(usage) as Error)
})

test('accepts impair with an effect on packets', () => {
  expect(create.impair([], { latency: '50ms', corrupt: 1, checksums: 'mended' }).name).toBe('impair')
})

test.each([
  ['hog-cpu of 0 CPUs', () => create.hogCpu(machine, { cores: 0 })],
  ['hog-memory of 0 MiB', () => create.hogMemory(machine, { megabytes: 0 })],
  ['event-storm without Events', () => create.eventStorm(machine, { perSecond: 0 })],
  ['api-flood without concurrent requests', () => create.apiFlood(machine, { concurrency: 0 })],
  ['slow-disk that is never frozen', () => create.slowDisk(machine, { frozenMs: 0, thawedMs: 20 })],
  ['quota-alarm without headroom', () => create.quotaAlarm(machine, { headroomMegabytes: 0 })],
  ['drain without a timeout', () => create.drain(machine, { timeoutSeconds: 0 })],
  ['delete-pods of 0 pods', () => create.deletePods({ namespace: 'shop', selector: 'app=cart', count: 0 })],
  ['evict of 0 pods', () => create.evict({ namespace: 'shop', selector: 'app=cart', count: 0 })],
  ['slow to 0 percent', () => create.slow({ machine, component: 'kubelet' }, { percent: 0 })],
  ['crash-loop without an interval', () => create.crashLoop({ machine, component: 'kubelet' }, { everyMs: 0 })],
  ['together without parts', () => together()],
  ['sequence without parts', () => sequence()],
  ['repeat 0 times', () => repeat(0, create.hogCpu(machine))],
] as const)('refuses %s', (_, make) => {
  expect(make).toThrow(expect.objectContaining(usage) as Error)
})

test('the error names the fault, the option, the value and what is expected', () => {
  expect(() => create.slow({ machine, component: 'kubelet' }, { percent: 0 })).toThrow(
    'Invalid options for slow: percent 0: Too small: expected number to be >=1.',
  )
  const misspelt = { share: 5 }
  expect(() => create.slow({ machine, component: 'kubelet' }, misspelt as object)).toThrow(
    'Invalid options for slow: Unrecognized key: "share".',
  )
})

test('a method rejects before it injects', async () => {
  await expect(faults.drain(machine, { timeoutSeconds: 0 })).rejects.toMatchObject(usage)
})

describe('targets', () => {
  test('a fault that hits the cluster takes only options', () => {
    expect(create.deletePods({ namespace: 'shop', selector: 'app=cart' })).toMatchObject({
      name: 'delete-pods',
      target: { machines: [], pods: { namespace: 'shop', selector: 'app=cart' } },
    })
    expect(create.addWorker()).toMatchObject({ name: 'add-worker', target: { machines: ['worker'] } })
  })

  test('a partition takes pairs as they are and divides machines by shape', () => {
    expect(create.partition(oneWay([machine], [other]), { network: 'cluster' }).target.cut).toEqual([
      { from: 'worker1', to: 'worker2' },
    ])
    expect(create.partition([machine, other]).target.cut).toHaveLength(2)
  })
})
