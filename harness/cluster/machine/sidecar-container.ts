import { GenericContainer } from 'testcontainers'
import type { MachineFile } from '../distribution/files.ts'
import { paths } from '../../agent/paths.ts'
import { type Labelled, labels, sidecarName } from './labels.ts'
import { factsDecide } from './machine-container.ts'
import type { MachineSpec } from './machine-spec.ts'

interface SidecarOptions extends Labelled {
  /** Holdfast's machine image: it has the agent's Node and every tool that a fault needs. */
  readonly image: string
  readonly runtime: string | undefined
  readonly files: readonly MachineFile[]
  /** The container whose processes and network it shares. It ends with that one, and is started after it. */
  readonly machine: string
}

/** The place for the agent beside a machine with a third-party image. Its own process only waits. */
export class SidecarContainer extends GenericContainer {
  constructor(spec: MachineSpec, { run, folder, image, runtime, files, machine }: SidecarOptions) {
    super(image)
    this.withName(sidecarName(run, spec.name))
      .withLabels(labels({ run, folder }))
      .withPrivilegedMode()
      .withNetworkMode(`container:${machine}`)
      .withEntrypoint([paths.init])
      .withWaitStrategy(factsDecide)
      .withCopyContentToContainer(files.map(({ path, content, mode = 0o644 }) => ({ target: path, content, mode })))
    this.hostConfig.PidMode = `container:${machine}`
    // On cgroup v2, its own namespace would not let it move a machine's process from one cgroup into another.
    Object.assign(this.hostConfig, { CgroupnsMode: 'host' })
    if (runtime) this.hostConfig.Runtime = runtime
  }
}
