import type Dockerode from 'dockerode'
import { apiServer, Kubernetes } from '../api/kubernetes.ts'
import type { PreparedCluster } from '../distribution/distribution.ts'
import { agentFiles } from '../machine/agent-bundle.ts'
import { engine, machineRuntime } from '../machine/engine.ts'
import { freePort } from '../machine/free-port.ts'
import type { MachineSpec } from '../machine/machine-spec.ts'
import { planned } from '../machine/spare.ts'
import type { StartOptions } from '../machine/start-machine.ts'
import { startNetworks } from '../machine/subnets.ts'
import type { BootOptions } from './boot-options.ts'

/** What exists before the first machine starts. */
export interface BootPlan {
  readonly docker: Dockerode
  readonly machines: readonly MachineSpec[]
  /** A worker that can join later. */
  readonly spare: MachineSpec
  readonly prepared: PreparedCluster
  readonly kubernetes: Kubernetes
  /** One for each API server, by its machine's name. */
  readonly kubeconfigs: ReadonlyMap<string, string>
  /** URL of a control-plane machine's API server, from the harness. */
  readonly url: (machine: string) => string
  readonly startOptions: (machine: MachineSpec) => StartOptions
}

/** Creates the networks, certificates and files of a cluster, and chooses its ports. */
export async function planBoot(options: BootOptions): Promise<BootPlan> {
  const docker = await engine()
  const [runtime, networks, agent] = await Promise.all([machineRuntime(docker), startNetworks(options), agentFiles()])
  const { booted: machines, spare } = planned(options.topology, networks.subnets, options.distribution)
  const prepared = await options.distribution.prepare([...machines, spare], options)
  const ports = await apiServerPorts(machines)
  const url = (machine: string): string => `https://127.0.0.1:${ports.get(machine)}`
  const kubeconfigs = new Map([...ports.keys()].map((name) => [name, prepared.kubeconfig(url(name))]))
  const startOptions = (spec: MachineSpec): StartOptions => {
    const port = ports.get(spec.name)
    return {
      run: options.run,
      folder: options.folder,
      parts: prepared.machine(spec),
      docker,
      runtime,
      agent: agent(spec),
      cluster: networks.cluster,
      peers: networks.peers,
      onEvent: options.onEvent,
      ...(port ? { publish: { container: 6443, host: port } } : {}),
    }
  }
  const kubernetes = new Kubernetes([...kubeconfigs].map(([name, text]) => apiServer(name, url(name), text)))
  return { docker, machines, spare, prepared, kubernetes, kubeconfigs, url, startOptions }
}

async function apiServerPorts(machines: readonly MachineSpec[]): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>()
  for (const { name, role } of machines) if (role === 'control-plane') ports.set(name, await freePort())
  return ports
}
