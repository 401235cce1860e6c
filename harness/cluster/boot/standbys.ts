import { eventually } from '../../common/eventually.ts'
import { type Component, componentsOf } from '../components.ts'
import type { Machine } from '../machine/machine.ts'
import type { MachineSpec } from '../machine/machine-spec.ts'
import type { BootContext } from './boot-context.ts'

/** One instance of each leads and the others wait for it to die; with the port of its health check. */
const elected = { 'kube-controller-manager': 10_257, 'kube-scheduler': 10_259 } as const

type Elected = keyof typeof elected

/**
 * Returns the components that would only wait on this machine. Before the elections they take the processor from the future
 * leader, so a boot starts them afterwards. From a machine's next start on they start like everything else.
 */
function standbysOf(spec: MachineSpec, machines: readonly Machine[]): readonly Elected[] {
  const first = machines.find(({ spec: { role } }) => role === 'control-plane')
  if (spec.role !== 'control-plane' || spec.name === first?.name) return []
  return (Object.keys(elected) as Elected[]).filter((component) => componentsOf(spec).includes(component))
}

export function isStandby(component: Component, spec: MachineSpec, machines: readonly Machine[]): boolean {
  return standbysOf(spec, machines).some((one) => one === component)
}

/** Starts every standby, and resolves once each reports that it is healthy. */
export async function startStandbys({ machines, withinMs, signal, seen }: BootContext): Promise<void> {
  await Promise.all(
    machines.flatMap((machine) =>
      standbysOf(machine.spec, machines).map(async (component) => {
        await machine.call('start', { component })
        const healthz = {
          url: `https://127.0.0.1:${elected[component]}/healthz`,
          method: 'GET',
          timeoutMs: 2_000,
        } as const
        await eventually(
          `${component} on ${machine.name} to be healthy`,
          async () => (await machine.call('http', healthz)).status === 200,
          { timeoutMs: withinMs, signal, intervalMs: 100 },
        )
      }),
    ),
  )
  seen('every standby is healthy')
}
