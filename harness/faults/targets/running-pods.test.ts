import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { whatRan, whyStill } from './pods-by-label.ts'
import { nameOf, runningPods, runs } from './running-pods.ts'
import { podWith } from './target-selector.ts'

type State = 'running' | 'terminated' | 'waiting'

const container = (name: string, state: State): V1ContainerStatus => ({
  name,
  image: 'any',
  imageID: '',
  ready: state === 'running',
  restartCount: 0,
  containerID: `containerd://${name}`,
  state: { [state]: {} },
})

function pod(
  name: string,
  phase: string,
  states: Readonly<Record<string, State>>,
  metadata: { deletionTimestamp?: Date; finalizers?: string[] } = {},
): V1Pod {
  const containerStatuses = Object.entries(states).map(([one, state]) => container(one, state))
  return { metadata: { name, ...metadata }, status: { phase, containerStatuses } }
}

const done = pod('cart-0-done', 'Succeeded', { app: 'terminated' })
const one = pod('cart-5d', 'Running', { app: 'running' })
const sidecar: V1Pod = {
  metadata: { name: 'cart-6e' },
  status: { phase: 'Pending', initContainerStatuses: [container('mesh', 'running')] },
}
const crashing = pod('cart-7f', 'Running', { app: 'waiting' })
const going = pod('cart-8g', 'Running', { app: 'running' }, { deletionTimestamp: new Date(0) })

test('selects only pods with a running container, by name', () => {
  expect(runningPods([going, crashing, sidecar, one, done]).map(nameOf)).toEqual(['cart-5d', 'cart-6e'])
})

test('a sandbox runs while any container runs', () => {
  expect([runs(one, 'app'), runs(done, 'app'), runs(sidecar, 'mesh'), runs(sidecar, 'app')]).toEqual([
    true,
    false,
    true,
    false,
  ])
  expect([runs(one, 'pause'), runs(done, 'pause')]).toEqual([true, false])
})

test('a name prefix selects the first pod in which the container runs', () => {
  const pods = [crashing, sidecar, one, done]
  expect(podWith(pods, 'cart', 'app')).toBe(one)
  expect(podWith(pods, 'cart', 'mesh')).toBe(sidecar)
  expect(podWith(pods, 'cart-0-done', 'app')).toBeUndefined()
  expect(podWith([pod('cart-5', 'Running', { app: 'running' }), one], 'cart-5d', 'app')).toBe(one)
})

test('the evidence counts running containers', () => {
  expect(whatRan([one])).toEqual({ pods: 1, names: 'cart-5d', containers: 1, containerIds: 'containerd://app' })
})

test('whyStill names the finalizers and containers of a remaining pod', () => {
  const held = pod('held', 'Running', {}, { deletionTimestamp: new Date(0), finalizers: ['example.com/hold'] })
  expect(whyStill(held)).toMatch(/held.*example\.com\/hold/)
  expect(whyStill(one)).toMatch(/not being deleted.*app/)
})
