import { expect, test } from 'vitest'
import { ownConfiguration } from './configz.ts'

/** As a k3s agent answers on each of its ports. */
const shared = JSON.stringify({
  kubeletconfig: { kind: 'KubeletConfiguration', nodeStatusUpdateFrequency: '10s', authentication: { x509: {} } },
  'kubeproxy.config.k8s.io': { ClusterCIDR: '10.244.0.0/16', IPTables: { MinSyncPeriod: '1s' } },
})

test('each component of a shared process gets its own settings', () => {
  expect(ownConfiguration('kube-proxy', shared)).toEqual({
    ClusterCIDR: '10.244.0.0/16',
    'IPTables.MinSyncPeriod': '1s',
  })
  expect(ownConfiguration('kubelet', shared)).toMatchObject({ nodeStatusUpdateFrequency: '10s' })
})

test('a component without settings there gets none of the others', () => {
  expect(ownConfiguration('kube-scheduler', shared)).toBeUndefined()
  expect(ownConfiguration('etcd', shared)).toBeUndefined()
})
