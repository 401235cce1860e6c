import type { V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { formatPodState } from './pod-state.ts'

const waiting = (reason: string, message?: string): V1Pod => ({
  metadata: { name: 'web-1' },
  status: {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'app',
        image: 'shop/cart:1',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason, ...(message ? { message } : {}) } },
      },
    ],
  },
})

test('a failed image pull is described', () => {
  expect(formatPodState(waiting('ErrImagePull', 'not found'))).toMatch(
    /web-1.*Pending.*app waits: ErrImagePull \(not found\)/,
  )
})

test('a container that is being created is not described', () => {
  expect(formatPodState(waiting('ContainerCreating'))).toBe('web-1 is Pending')
})

test('an unschedulable pod and a pod with finalizers are described with the reason', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }]
  expect(formatPodState({ metadata: { name: 'a' }, status: { phase: 'Pending', conditions } })).toContain('0/3 nodes')
  const metadata = { name: 'b', deletionTimestamp: new Date(0), finalizers: ['example.com/hold'] }
  expect(formatPodState({ metadata, status: { phase: 'Running' } })).toMatch(/being deleted.*example\.com\/hold/)
})
