import { expect, test } from 'vitest'
import { componentsOf, embeddedIn } from '../../cluster/distribution/k3s/embedded.ts'
import { upstream } from '../../cluster/distribution/upstream/upstream.ts'
import type { Role } from '../../cluster/topology.ts'
import { restarts } from './node-registration.ts'

const separation = { standalone: ['kube-proxy'], inside: {} } as const
const k3s = {
  componentsOf: (role: Role) => componentsOf(role, separation.standalone),
  embedded: (role: Role) => embeddedIn(role, separation),
}

test.for([
  ['upstream', upstream('image'), 'worker', ['kubelet', 'flanneld']],
  ['k3s', k3s, 'worker', ['k3s-agent']],
  ['k3s', k3s, 'control-plane', ['k3s-server']],
] as const)('restarts the processes that register the Node, on %s %s', ([, of, role, processes]) => {
  const spec = { components: of.componentsOf(role), embedded: of.embedded(role) }
  const machine = { spec } as unknown as Parameters<typeof restarts>[0]
  expect(restarts(machine).map((argv) => argv.at(-1))).toEqual(processes.map((name) => `/opt/holdfast/sv/${name}`))
})
