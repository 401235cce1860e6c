import { expect, test } from 'vitest'
import { k3s } from './foreign.ts'
import { mirrored } from './foreign-image.ts'

test('a mirror has third-party images under the same paths', () => {
  expect(mirrored(k3s.image, undefined)).toBe(k3s.image)
  expect(mirrored('rancher/k3s:v1', 'mirror.example.com')).toBe('mirror.example.com/rancher/k3s:v1')
  expect(mirrored('rancher/k3s:v1', 'localhost:5000/cache/')).toBe('localhost:5000/cache/rancher/k3s:v1')
  expect(mirrored('registry.k8s.io/kube-scheduler:v1', 'mirror.example.com')).toBe(
    'mirror.example.com/kube-scheduler:v1',
  )
})

test('standalone components have the Kubernetes version of the k3s image', () => {
  expect(k3s.version).toMatch(new RegExp(`^${k3s.kubernetes}\\+k3s\\d+$`))
  expect(k3s.image).toBe(`rancher/k3s:${k3s.version.replace('+', '-')}`)
  for (const image of Object.values(k3s.standalone)) expect(image.endsWith(`:${k3s.kubernetes}`)).toBe(true)
})
