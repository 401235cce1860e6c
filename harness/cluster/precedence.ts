import type Dockerode from 'dockerode'
import type { Machine } from './machine.ts'
import type { MachineSpec } from './machine-spec.ts'

/*
 * A boot is bound by the processor, and nobody is of use to anybody until one API server is ready. So etcd and that one start first, and
 * until then whoever else starts gets only what they leave: https://docs.docker.com/engine/containers/resource_constraints/#configure-the-default-cfs-scheduler
 */

/** What the engine gives to all who ask for nothing else. */
const equalShares = 1024
const fewShares = 128

/** The machines that everybody waits for. */
export function awaited(planned: readonly MachineSpec[]): readonly MachineSpec[] {
  const [server] = planned.filter(({ role }) => role === 'control-plane')
  return planned.filter((spec) => spec.role === 'etcd' || spec === server)
}

/** CPU shares to start the others with. */
export const untilThen = { shares: fewShares } as const

/** From here on every machine gets as much as any other. */
export async function evenOut(
  docker: Dockerode,
  machines: readonly Machine[],
  first: readonly MachineSpec[],
): Promise<void> {
  const others = machines.filter(({ spec }) => !first.includes(spec))
  await Promise.all(
    others.map(({ containerId }) => docker.getContainer(containerId).update({ CpuShares: equalShares })),
  )
}
