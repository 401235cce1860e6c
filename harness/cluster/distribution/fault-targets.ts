import type { RecordOf } from '../../record/records.ts'
import type { Component } from '../components.ts'
import type { Role } from '../topology.ts'
import type { Distribution, DistributionName } from './distribution.ts'
import { standaloneByDefault, componentsOf, embeddedIn } from './k3s/embedded.ts'
import { upstream } from './upstream/upstream.ts'

type Coverage = NonNullable<RecordOf<'cluster'>['coverage']>
type Shape = Pick<Distribution, 'name' | 'componentsOf' | 'embedded'>

const roles: readonly Role[] = ['etcd', 'control-plane', 'worker']

/** The distributions when all their images are available. */
const atBest: readonly Shape[] = [
  upstream(''),
  {
    name: 'k3s',
    componentsOf: (role) => componentsOf(role, standaloneByDefault),
    embedded: (role) => embeddedIn(role, { standalone: standaloneByDefault, inside: {} }),
  },
]

/** Returns what faults can target by itself on each distribution, side by side; the chosen one is shown as it is here. */
export function coverage(chosen: Shape): Coverage {
  const shapes = atBest.map((shape) => (shape.name === chosen.name ? chosen : shape))
  const components = new Set(shapes.flatMap((shape) => [...standaloneOn(shape), ...embeddedOn(shape).keys()]))
  return shapes.flatMap((shape) => [...components].map((component) => cell(shape, component)))
}

function cell(shape: Shape, component: Component): Coverage[number] {
  const apart = standaloneOn(shape).has(component)
  const reason = apart ? '' : (embeddedOn(shape).get(component) ?? `there is no ${component} in ${shape.name}`)
  return { distribution: shape.name satisfies DistributionName, component, apart, reason }
}

function standaloneOn(shape: Shape): Set<Component> {
  return new Set(roles.flatMap((role) => shape.componentsOf(role)))
}

function embeddedOn(shape: Shape): Map<Component, string> {
  return new Map(roles.flatMap((role) => Object.entries(shape.embedded(role)) as [Component, string][]))
}
