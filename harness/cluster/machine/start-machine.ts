import type Dockerode from 'dockerode'
import type { Event } from '../../agent/rpc/protocol.ts'
import type { MachineParts } from '../distribution/distribution.ts'
import type { MachineFile } from '../distribution/files.ts'
import { Machine } from './machine.ts'
import { MachineContainer, type MachineContainerOptions } from './machine-container.ts'
import type { MachineSpec } from './machine-spec.ts'
import { SidecarContainer } from './sidecar-container.ts'

export interface StartOptions extends Omit<MachineContainerOptions, 'image' | 'files' | 'volumes'> {
  readonly parts: MachineParts
  readonly docker: Dockerode
  /** Holdfast's programs: the agent, and those that it starts. */
  readonly agent: readonly MachineFile[]
  readonly onEvent: (event: Event) => void
}

/** Starts the containers of a machine: its own, and the agent's sidecar where the image is a third party's. */
export async function startMachine(spec: MachineSpec, options: StartOptions): Promise<Machine> {
  const { parts, docker, agent, onEvent } = options
  const { image, volumes, sidecar } = parts
  const files = sidecar ? parts.files : [...parts.files, ...agent]
  const started = await new MachineContainer(spec, { ...options, image, volumes, files }).start()
  const container = docker.getContainer(started.getId())
  if (!sidecar) return new Machine(spec, container, onEvent)
  const beside = await new SidecarContainer(spec, {
    run: options.run,
    folder: options.folder,
    image: sidecar.image,
    runtime: options.runtime,
    files: [...sidecar.files, ...agent],
    machine: started.getId(),
  }).start()
  return new Machine(spec, container, onEvent, docker.getContainer(beside.getId()))
}
