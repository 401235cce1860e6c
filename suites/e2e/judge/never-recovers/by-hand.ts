import { engine } from '../../../../harness/cluster/machine/engine.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { runInContainer } from '../../../../harness/cluster/machine/run-in-container.ts'

/** Runs a shell script in a machine without a declared fault. */
export async function byHand({ containerId }: Machine, script: string): Promise<void> {
  await runInContainer((await engine()).getContainer(containerId), ['sh', '-ec', script])
}

/** Stops a component permanently: its supervisor keeps it down. */
export function stopByHand(machine: Machine, component: string): Promise<void> {
  return byHand(machine, `sv -w 20 force-stop /opt/holdfast/sv/${component}`)
}
