import type Dockerode from 'dockerode'
import type { Machine } from '../machine/machine.ts'
import type { MachineSpec } from '../machine/machine-spec.ts'

/*
 * A boot is bound by the processor, and no component is useful before one API server is ready. So etcd and that API server
 * start first, and all others get only what they leave until then:
 * https://docs.docker.com/engine/containers/resource_constraints/#configure-the-default-cfs-scheduler
 */

/** The engine's default shares. */
const equalShares = 1024
const fewShares = 128

/** The machines that all others wait for. */
export function criticalMachines(planned: readonly MachineSpec[]): readonly MachineSpec[] {
  const [server] = planned.filter(({ role }) => role === 'control-plane')
  return planned.filter((spec) => spec.role === 'etcd' || spec === server)
}

/** CPU shares with which the other machines start. */
export const lowPriority = { shares: fewShares } as const

/** Gives every machine the same shares from here on. */
export async function restoreShares(
  docker: Dockerode,
  machines: readonly Machine[],
  first: readonly MachineSpec[],
): Promise<void> {
  const others = machines.filter(({ spec }) => !first.includes(spec))
  await Promise.all(
    others.map(({ containerId }) => docker.getContainer(containerId).update({ CpuShares: equalShares })),
  )
}
