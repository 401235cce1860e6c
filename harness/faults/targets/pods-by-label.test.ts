import type { V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { Cluster } from '../../cluster/cluster.ts'
import { eventually, waitsNow } from '../../common/eventually.ts'
import { gone, whyStill } from './pods-by-label.ts'

const pod: V1Pod = {
  metadata: { namespace: 'shop', name: 'cart-0', uid: 'u1', finalizers: ['example.com/hold'] },
  status: { phase: 'Running' },
}

test('the wait for deleted pods shows pod and finalizer, and ends when the pods are gone', async () => {
  const present = [pod]
  const cluster = { kubernetes: { list: () => Promise.resolve([...present]) } } as unknown as Cluster
  const ended = gone(cluster, { namespace: 'shop', selector: 'app=cart' }, [pod])
  const lastSeen = await eventually(
    'the last observation of the wait',
    () =>
      waitsNow()
        .find(({ what }) => what.includes('app=cart'))
        ?.lastSeen.match(/^pod .*/)?.[0],
    { timeoutMs: 10_000 },
  )
  expect(lastSeen).toBe(whyStill(pod))
  present.pop()
  expect(await ended).toEqual([expect.objectContaining({ facts: { pods: 1, left: 0 } })])
})
