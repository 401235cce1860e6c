import fc from 'fast-check'
import type { Endpoint, ProxyMachine, ServicePort } from '../service-port.ts'

/** Services of every sort, for tests that hold for all of them. */

export const machineNames = ['control-plane1', 'worker1', 'worker2', 'worker3'] as const

export function machineNamed(name: string): ProxyMachine {
  const index = machineNames.findIndex((one) => one === name)
  return { name, address: `10.89.0.${11 + index}`, zone: `zone-${(index % 2) + 1}`, podRange: '10.244.0.0/16' }
}

const endpoint: fc.Arbitrary<Omit<Endpoint, 'ip' | 'port' | 'pod' | 'zones' | 'nodes'>> = fc
  .record({
    node: fc.constantFrom(...machineNames),
    state: fc.constantFrom('ready', 'ready', 'unready', 'leaving', 'gone'),
  })
  .map(({ node, state }) => ({
    node,
    ready: state === 'ready',
    serving: state === 'ready' || state === 'leaving',
    terminating: state === 'leaving' || state === 'gone',
  }))

const hints = fc.constantFrom('none', 'none', 'zones', 'nodes')

interface Shape {
  readonly protocol: ServicePort['protocol']
  readonly nodePort: boolean
  readonly externalIP: boolean
  readonly balancer: boolean
  readonly restricted: boolean
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly sticky: number | undefined
  readonly hints: string
  readonly endpoints: readonly Omit<Endpoint, 'ip' | 'port' | 'pod' | 'zones' | 'nodes'>[]
}

const shape: fc.Arbitrary<Shape> = fc.record({
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  nodePort: fc.boolean(),
  externalIP: fc.boolean(),
  balancer: fc.boolean(),
  restricted: fc.boolean(),
  internalLocal: fc.boolean(),
  externalLocal: fc.boolean(),
  sticky: fc.constantFrom(undefined, 10, 10_800),
  hints,
  endpoints: fc.array(endpoint, { maxLength: 6 }),
})

/** A few ports, no two with an address in common. */
export const services: fc.Arbitrary<ServicePort[]> = fc
  .array(shape, { maxLength: 6 })
  .map((shapes) => shapes.map(portOf))

/** The n-th port; every n is another Service with addresses of its own. */
function portOf(shape: Shape, n: number): ServicePort {
  const external = shape.nodePort || shape.externalIP || shape.balancer
  return {
    service: `test/web-${n}`,
    name: 'http',
    protocol: shape.protocol,
    clusterIP: `10.96.${1 + (n >> 8)}.${n & 255}`,
    port: 80,
    nodePort: shape.nodePort ? 30_000 + n : 0,
    externalIPs: shape.externalIP ? [`192.0.2.${n & 255}`] : [],
    balancers: shape.balancer ? [`198.51.100.${n & 255}`] : [],
    balancerSources: shape.balancer && shape.restricted ? ['172.16.0.0/12', '10.89.0.0/24'] : [],
    internalLocal: shape.internalLocal,
    externalLocal: external && shape.externalLocal,
    ...(shape.sticky === undefined ? {} : { stickySeconds: shape.sticky }),
    endpoints: shape.endpoints.map((one, index) => ({
      ...one,
      pod: `web-${n}-${index}`,
      ip: `10.244.${1 + (index % 250)}.${(n % 250) + 2}`,
      port: 8080 + (n >> 8),
      zones: shape.hints === 'zones' ? [machineNamed(one.node).zone] : [],
      nodes: shape.hints === 'nodes' ? [one.node] : [],
    })),
  }
}

/** Many ports of one shape with many endpoints, all ready. */
export function manyServices(count: number, endpoints: number, stickySeconds?: number): ServicePort[] {
  const common = { nodePort: false, externalIP: false, balancer: false, restricted: false, hints: 'none' } as const
  return Array.from({ length: count }, (_, n) =>
    portOf(
      {
        ...common,
        protocol: 'tcp',
        internalLocal: false,
        externalLocal: false,
        sticky: stickySeconds,
        endpoints: Array.from({ length: endpoints }, (_, index) => ({
          node: machineNames[index % machineNames.length] ?? '',
          ready: true,
          serving: true,
          terminating: false,
        })),
      },
      n,
    ),
  )
}
