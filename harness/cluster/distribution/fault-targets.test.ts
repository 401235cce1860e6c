import { expect, test } from 'vitest'
import { coverage } from './fault-targets.ts'
import { componentsOf, separable, embeddedIn } from './k3s/embedded.ts'
import { upstream } from './upstream/upstream.ts'

const of = (table: ReturnType<typeof coverage>, distribution: string, component: string) =>
  table.find((one) => one.distribution === distribution && one.component === component)

test('upstream runs each component by itself; k3s names the process that contains it', () => {
  const table = coverage(upstream('image'))
  for (const component of ['etcd', 'kube-apiserver', 'kube-scheduler', 'kubelet', 'kube-proxy', 'containerd']) {
    expect(of(table, 'upstream', component), component).toMatchObject({ apart: true, reason: '' })
  }
  expect(of(table, 'k3s', 'kube-scheduler')).toMatchObject({ apart: true })
  expect(of(table, 'k3s', 'kubelet')).toMatchObject({
    apart: false,
    reason: 'kubelet and kube-proxy are one process in a k3s agent',
  })
  expect(of(table, 'k3s', 'kube-proxy')).toMatchObject({
    apart: false,
    reason: expect.stringContaining('--standalone-kube-proxy takes kube-proxy out of it'),
  })
  expect(of(table, 'upstream', 'k3s-agent')).toMatchObject({ apart: false })
})

test('the chosen distribution is shown as it is here', () => {
  const inside = { 'kube-scheduler': 'kube-scheduler is part of the k3s server process, because there is no image' }
  const chosen = {
    name: 'k3s',
    componentsOf: (role: 'etcd' | 'control-plane' | 'worker') => componentsOf(role, ['kube-controller-manager']),
    embedded: (role: 'etcd' | 'control-plane' | 'worker') =>
      embeddedIn(role, { standalone: ['kube-controller-manager'], inside }),
  } as const
  const table = coverage(chosen)
  expect(of(table, 'k3s', 'kube-scheduler')).toMatchObject({ apart: false, reason: inside['kube-scheduler'] })
  expect(of(table, 'k3s', 'kube-controller-manager')).toMatchObject({ apart: true })
})

test('standalone kube-proxy is shown as such, and then only the kubelet is part of k3s', () => {
  const chosen = {
    name: 'k3s',
    componentsOf: (role: 'etcd' | 'control-plane' | 'worker') => componentsOf(role, separable),
    embedded: (role: 'etcd' | 'control-plane' | 'worker') => embeddedIn(role, { standalone: separable, inside: {} }),
  } as const
  const table = coverage(chosen)
  expect(of(table, 'k3s', 'kube-proxy')).toMatchObject({ apart: true, reason: '' })
  expect(of(table, 'k3s', 'kubelet')).toMatchObject({
    apart: false,
    reason: 'kubelet is part of the k3s agent process',
  })
})
