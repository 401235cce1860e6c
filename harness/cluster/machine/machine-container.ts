import {
  GenericContainer,
  type StartedNetwork,
  type StartedTestContainer,
  type WaitStrategy,
  getContainerRuntimeClient,
} from 'testcontainers'
import type { MachineFile } from '../distribution/files.ts'
import { paths } from '../../agent/paths.ts'
import { type Labelled, containerName, labels } from './labels.ts'
import type { MachineSpec } from './machine-spec.ts'

export interface MachineContainerOptions extends Labelled {
  readonly image: string
  /** An OCI runtime that drops capabilities that the host withholds; undefined for the engine's default. */
  readonly runtime: string | undefined
  readonly files: readonly MachineFile[]
  /** Paths of anonymous volumes. */
  readonly volumes: readonly string[]
  /** Its CPU shares, where every other container has 1024. Default: as many. */
  readonly shares?: number
  readonly cluster: StartedNetwork
  readonly peers: StartedNetwork
  /** Published on 127.0.0.1, for API servers. Fixed, so that it outlives a restart. */
  readonly publish?: { readonly container: number; readonly host: number }
}

/** A container that acts as a host: privileged, its own cgroup tree, an init as process 1, fixed addresses. */
export class MachineContainer extends GenericContainer {
  readonly #spec: MachineSpec
  readonly #peers: StartedNetwork

  constructor(spec: MachineSpec, options: MachineContainerOptions) {
    super(options.image)
    this.#spec = spec
    this.#peers = options.peers
    this.withName(containerName(options.run, spec.name))
      .withLabels(labels(options))
      .withPrivilegedMode()
      .withTmpFs({ '/run': '', '/tmp': '' })
      .withEntrypoint([paths.init])
      .withNetwork(options.cluster)
      .withWaitStrategy(factsDecide)
      .withCopyContentToContainer(
        options.files.map(({ path, content, mode = 0o644 }) => ({ target: path, content, mode })),
      )
    this.createOpts.Hostname = spec.name
    this.createOpts.Volumes = Object.fromEntries(options.volumes.map((path) => [path, {}]))
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: {
        [options.cluster.getName()]: { IPAMConfig: { IPv4Address: spec.address }, Aliases: [spec.name] },
      },
    }
    // The types of the engine's client lack CgroupnsMode.
    Object.assign(this.hostConfig, { CgroupnsMode: 'private', Init: true })
    if (options.shares) this.hostConfig.CpuShares = options.shares
    if (options.runtime) this.hostConfig.Runtime = options.runtime
    if (options.publish) {
      const port = `${options.publish.container}/tcp`
      this.createOpts.ExposedPorts = { [port]: {} }
      this.hostConfig.PortBindings = { [port]: [{ HostIp: '127.0.0.1', HostPort: String(options.publish.host) }] }
    }
  }

  /** Joins the second network before process 1 looks for its address. */
  protected override async containerCreated(id: string): Promise<void> {
    if (!this.#spec.peerAddress) return
    const client = await getContainerRuntimeClient()
    await client.container.dockerode
      .getNetwork(this.#peers.getId())
      .connect({ Container: id, EndpointConfig: { IPAMConfig: { IPv4Address: this.#spec.peerAddress } } })
  }
}

/** A started container proves nothing about a machine: readiness.ts checks the components. */
export const factsDecide: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => factsDecide,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 60_000,
}

export type { StartedTestContainer }
