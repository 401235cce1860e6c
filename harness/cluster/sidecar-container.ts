import { GenericContainer } from 'testcontainers'
import type { MachineFile } from './distribution/files.ts'
import { paths } from './distribution/upstream/paths.ts'
import { type Labelled, labels, sidecarName } from './labels.ts'
import { factsDecide } from './machine-container.ts'
import type { MachineSpec } from './machine-spec.ts'

interface SidecarOptions extends Labelled {
  /** Our machine image: it has the agent's Node and every tool that a fault needs. */
  readonly image: string
  readonly runtime: string | undefined
  readonly files: readonly MachineFile[]
  /** The container whose processes and network it shares. It ends when that one ends, and is started after it. */
  readonly machine: string
}

/** The place for our agent beside a machine whose image is not ours. Its own process only waits. */
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
    // From a namespace of its own it could not move a process of the machine's from one control group into another on cgroup v2.
    Object.assign(this.hostConfig, { CgroupnsMode: 'host' })
    if (runtime) this.hostConfig.Runtime = runtime
  }
}
