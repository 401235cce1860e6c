import type { V1EndpointSlice } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { Machine } from '../../cluster/machine/machine.ts'
import { targetsOf } from './probe-targets.ts'
import { portOf, usedPorts } from './used-ports.ts'

const slice = (ip: string, ready: boolean, ports: NonNullable<V1EndpointSlice['ports']>): V1EndpointSlice => ({
  addressType: 'IPv4',
  endpoints: [{ addresses: [ip], conditions: { ready } }],
  ports,
})
const node = { spec: { address: '172.20.0.3' } } as unknown as Machine

test('a Service with TCP alone is used over TCP alone, by its own port', () => {
  expect(usedPorts('web', { ports: [{ port: 8443 }] }, [])).toEqual({ ports: [{ protocol: 'tcp', port: 8443 }] })
})

test('the first port of each protocol is used, with the pod port from the slice', () => {
  const ports = [
    { name: 'metrics', port: 9100, protocol: 'UDP', targetPort: 'm' },
    { name: 'web', port: 80, protocol: 'TCP', targetPort: 'w', nodePort: 30_080 },
    { name: 'admin', port: 81, protocol: 'TCP' },
  ]
  const slices = [
    slice('10.244.1.2', false, [{ name: 'web', port: 1, protocol: 'TCP' }]),
    slice('10.244.1.3', true, [
      { name: 'admin', port: 18_081, protocol: 'TCP' },
      { name: 'web', port: 28_080, protocol: 'TCP' },
      { name: 'metrics', port: 28_081, protocol: 'UDP' },
    ]),
  ]
  expect(usedPorts('web', { ports }, slices)).toEqual({
    podIp: '10.244.1.3',
    ports: [
      { protocol: 'tcp', port: 80, nodePort: 30_080, podPort: 28_080 },
      { protocol: 'udp', port: 9100, podPort: 28_081 },
    ],
  })
})

test('probes use the ports of the Service by each way', () => {
  const slices = [slice('10.244.1.3', true, [{ port: 18_080, protocol: 'TCP' }])]
  const used = usedPorts('web', { ports: [{ port: 8443, nodePort: 30_443 }] }, slices)
  const addresses = { namespace: 'shop', name: 'web', clusterIp: '10.96.0.9', ...used }
  const targets = targetsOf(addresses, ['cluster-ip', 'node-port', 'pod-ip', 'dns-name'], node)
  expect(targets.map(({ protocol, address, port }) => `${protocol} ${address}:${port}`)).toEqual([
    'tcp 10.96.0.9:8443',
    'tcp 172.20.0.3:30443',
    'tcp 10.244.1.3:18080',
    'tcp 10.96.0.9:8443',
  ])
})

test('a Service without TCP and UDP ports is refused, and so is a way that it lacks', () => {
  const refused = { code: 'HF_NO_PORT', exitCode: 64 }
  expect(() => usedPorts('web', { ports: [{ port: 5, protocol: 'SCTP' }] }, [])).toThrow(
    expect.objectContaining(refused) as Error,
  )
  expect(() => portOf('web', [{ port: 80 }], 'udp')).toThrow(expect.objectContaining(refused) as Error)
  const headless = {
    namespace: 'shop',
    name: 'web',
    clusterIp: 'None',
    ...usedPorts('web', { ports: [{ port: 80 }] }, []),
  }
  for (const way of ['cluster-ip', 'node-port', 'pod-ip', 'dns-name'] as const)
    expect(() => targetsOf(headless, [way], node), way).toThrow(expect.objectContaining({ code: 'HF_NO_WAY' }) as Error)
})
