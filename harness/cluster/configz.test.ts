import { expect, test } from 'vitest'
import { ownConfiguration } from './configz.ts'

/** As a k3s agent answers on each of its ports. */
const shared = JSON.stringify({
  kubeletconfig: { kind: 'KubeletConfiguration', nodeStatusUpdateFrequency: '10s', authentication: { x509: {} } },
  'kubeproxy.config.k8s.io': { ClusterCIDR: '10.244.0.0/16', IPTables: { MinSyncPeriod: '1s' } },
})

test('of a process that several components share each is told its own', () => {
  expect(ownConfiguration('kube-proxy', shared)).toEqual({
    ClusterCIDR: '10.244.0.0/16',
    'IPTables.MinSyncPeriod': '1s',
  })
  expect(ownConfiguration('kubelet', shared)).toMatchObject({ nodeStatusUpdateFrequency: '10s' })
})

test("what is not in it is nobody else's", () => {
  expect(ownConfiguration('kube-scheduler', shared)).toBeUndefined()
  expect(ownConfiguration('etcd', shared)).toBeUndefined()
})
