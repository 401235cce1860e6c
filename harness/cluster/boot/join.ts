import { agentFiles } from '../machine/agent-bundle.ts'
import type { Event } from '../../agent/rpc/protocol.ts'
import type { Cluster } from '../cluster.ts'
import { nodeObject } from '../observe/cluster-objects.ts'
import { componentsOf } from '../components.ts'
import { engine, machineRuntime } from '../machine/engine.ts'
import { containerName, sidecarName } from '../machine/labels.ts'
import type { Machine } from '../machine/machine.ts'
import type { Spare } from '../machine/spare.ts'
import { startMachine } from '../machine/start-machine.ts'
import { networksOf } from '../machine/subnets.ts'

/**
 * Adds a worker to a running cluster as at its boot: announces its Node, starts its container, and then the components that
 * wait for an API server. Resolves when they are started, not when the Node is Ready.
 */
export async function join(
  cluster: Cluster,
  { spec, parts }: Spare,
  onEvent: (event: Event) => void,
): Promise<Machine> {
  const docker = await engine()
  const [runtime, networks, agent] = await Promise.all([machineRuntime(docker), networksOf(cluster.run), agentFiles()])
  await cluster.kubernetes.apply(nodeObject(spec))
  const machine = await startMachine(spec, {
    run: cluster.run,
    folder: cluster.folder,
    parts,
    docker,
    runtime,
    agent: agent(spec),
    ...networks,
    onEvent,
  })
  cluster.joinedBy(machine)
  await Promise.all(componentsOf(spec).map((component) => machine.call('start', { component })))
  return machine
}

/** Removes a machine's containers and disks. Missing containers count as removed. */
export async function removeMachine(run: string, name: string): Promise<void> {
  const docker = await engine()
  for (const container of [sidecarName(run, name), containerName(run, name)]) {
    await docker
      .getContainer(container)
      .remove({ force: true, v: true })
      .catch(({ statusCode, message }: { statusCode?: number; message: string }) => {
        // 404: no such container; 409: another request is removing it now.
        if (statusCode !== 404 && statusCode !== 409) throw new Error(message)
      })
  }
}

/** Returns whether a container of that name exists, in any state. */
export async function machineExists(run: string, name: string): Promise<boolean> {
  const docker = await engine()
  const filters = { name: [`^/${containerName(run, name)}$`] }
  return (await docker.listContainers({ all: true, filters })).length > 0
}
