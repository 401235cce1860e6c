import { expect, test } from 'vitest'
import { readObject } from '../recording/kubernetes-objects.ts'
import { servicePorts } from './service-ports.ts'

const ports = [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 }]

function service(spec: object, metadata: object = {}, status: object = {}) {
  const object = readObject('services', { metadata, spec: { clusterIP: '10.96.0.7', ports, ...spec }, status })
  return { namespace: 'shop', name: 'web', object }
}

function slice(endpoints: readonly object[], more: object = {}) {
  const metadata = { labels: { 'kubernetes.io/service-name': 'web' } }
  const listed = [{ name: 'http', port: 8080, protocol: 'TCP' }]
  const object = readObject('endpointslices', { metadata, addressType: 'IPv4', ports: listed, endpoints, ...more })
  return { namespace: 'shop', name: 'web-x', object }
}

test('a port has the endpoints of the slices with its Service, its name and its protocol', () => {
  const found = servicePorts(
    [service({ type: 'NodePort', externalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP' })],
    [
      slice([{ addresses: ['10.244.1.2'], nodeName: 'worker1', conditions: { ready: true } }]),
      slice([{ addresses: ['10.244.2.2'] }], { ports: [{ name: 'other', port: 1, protocol: 'TCP' }] }),
      slice([{ addresses: ['fd00::2'] }], { addressType: 'IPv6' }),
      { ...slice([{ addresses: ['10.244.3.2'] }]), namespace: 'elsewhere' },
    ],
  )
  expect(found).toEqual([
    {
      service: 'shop/web',
      name: 'http',
      protocol: 'tcp',
      clusterIP: '10.96.0.7',
      port: 80,
      nodePort: 30_080,
      externalIPs: [],
      balancers: [],
      balancerSources: [],
      internalLocal: false,
      externalLocal: true,
      // The API server's defaults.
      stickySeconds: 10_800,
      endpoints: [
        {
          ip: '10.244.1.2',
          port: 8080,
          pod: '',
          node: 'worker1',
          ready: true,
          serving: true,
          terminating: false,
          zones: [],
          nodes: [],
        },
      ],
    },
  ])
})

test('an address that is listed twice is one endpoint, and a ready one takes precedence over a terminating one', () => {
  const going = { addresses: ['10.244.1.2'], conditions: { ready: false, serving: true, terminating: true } }
  const staying = { addresses: ['10.244.1.2'], conditions: { ready: true, serving: true, terminating: false } }
  for (const order of [
    [going, staying],
    [staying, going],
  ]) {
    const [port] = servicePorts(
      [service({})],
      order.map((one) => slice([one])),
    )
    expect(port?.endpoints).toMatchObject([{ ip: '10.244.1.2', ready: true, terminating: false }])
  }
})

test.each([
  ['a headless Service', service({ clusterIP: 'None' })],
  ['a name of something elsewhere', service({ type: 'ExternalName', clusterIP: '' })],
  ['a Service of another proxy', service({}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } })],
  ['an IPv6 address', service({ clusterIP: 'fd00::1' })],
])('kube-proxy does not serve %s over IPv4', (_, one) => {
  expect(servicePorts([one], [])).toEqual([])
})

test('a policy for external traffic does not apply to a Service that is only reachable inside', () => {
  const [port] = servicePorts([service({ type: 'ClusterIP', externalTrafficPolicy: 'Local' })], [])
  expect(port?.externalLocal).toBe(false)
})

test('load balancers that rewrite addresses require no rule; a range of everything is no range', () => {
  const ingress = [{ ip: '198.51.100.1' }, { ip: '198.51.100.2', ipMode: 'Proxy' }]
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: [' 10.0.0.0/8', '0.0.0.0/0'] }
  const [port] = servicePorts([service(spec, {}, { loadBalancer: { ingress } })], [])
  expect(port).toMatchObject({ balancers: ['198.51.100.1'], balancerSources: [] })
})
