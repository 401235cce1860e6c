import { expect, test } from 'vitest'
import { k3s } from './foreign.ts'
import { mirrored } from './foreign-image.ts'

test('a mirror has the images of others under the same paths', () => {
  expect(mirrored(k3s.image, undefined)).toBe(k3s.image)
  expect(mirrored('rancher/k3s:v1', 'mirror.example.com')).toBe('mirror.example.com/rancher/k3s:v1')
  expect(mirrored('rancher/k3s:v1', 'localhost:5000/cache/')).toBe('localhost:5000/cache/rancher/k3s:v1')
  expect(mirrored('registry.k8s.io/kube-scheduler:v1', 'mirror.example.com')).toBe(
    'mirror.example.com/kube-scheduler:v1',
  )
})

test('what runs apart is of the version that the k3s image is of', () => {
  expect(k3s.version).toMatch(new RegExp(`^${k3s.kubernetes}\\+k3s\\d+$`))
  expect(k3s.image).toBe(`rancher/k3s:${k3s.version.replace('+', '-')}`)
  for (const image of Object.values(k3s.apart)) expect(image.endsWith(`:${k3s.kubernetes}`)).toBe(true)
})
