import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Booted, boot } from '../../cluster/boot/boot.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { liveConfig } from '../../cluster/observe/live-config.ts'
import type { Choice } from '../../cluster/distribution/choose.ts'
import { coverage } from '../../cluster/distribution/fault-targets.ts'
import { requestedSettings } from '../../cluster/boot/requested.ts'
import type { Timings } from '../../cluster/timings.ts'
import type { Topology } from '../../cluster/topology.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { describeCluster } from '../kept-clusters/attach.ts'
import { collectLogs } from './collect-logs.ts'
import { removeRun } from '../orphans/leftovers.ts'

export interface ClusterRequest {
  readonly run: string
  /** The run's folder, for logs and for the kubeconfigs of a kept cluster. */
  readonly folder: string
  readonly shape: Topology
  readonly speed: Timings
  readonly choice: Choice
  readonly options: {
    readonly keep: boolean
    readonly signal: AbortSignal
    readonly schedulerLeaderElection?: boolean
    readonly proxyMode?: 'iptables' | 'nftables'
    readonly withinMs?: number
  }
  readonly emit: (record: JournalRecord) => void
  readonly report: (text: string, level?: 'phase' | 'detail' | 'warn') => void
}

export interface OpenCluster {
  readonly cluster: Cluster
  /** Paths of the kubeconfigs, one for each API server; empty unless the cluster is kept. */
  readonly kubeconfigs: readonly string[]
  /** Collects the logs, and removes the cluster unless it is kept. */
  close(): Promise<void>
  /** Collects the logs, and removes the cluster even if it was to be kept. */
  discard(): Promise<void>
}

/** Boots a cluster and records its machines and the live configuration of its components. */
export async function openCluster(request: ClusterRequest): Promise<OpenCluster> {
  const { run, folder, shape, speed, choice, options, emit, report } = request
  report(
    `booting ${shape.name} (${shape.machines.length} machines) of ${choice.distribution.name}: ${briefly(choice.reason)}`,
  )
  const booted = await boot({
    run,
    folder,
    topology: shape,
    distribution: choice.distribution,
    timings: speed,
    proxyMode: options.proxyMode ?? 'iptables',
    schedulerLeaderElection: options.schedulerLeaderElection ?? true,
    signal: options.signal,
    ...(options.withinMs ? { withinMs: options.withinMs } : {}),
    onEvent: ({ record }) => emit(record),
    progress: (what, ms) => report(`${what} after ${(ms / 1000).toFixed(1)} s`, 'detail'),
    onFailure: (machines) => collectLogs(machines, folder),
  })
  const { cluster } = booted
  const kubeconfigs = options.keep ? await writeKubeconfigs(booted, folder) : []
  if (options.keep) await describeCluster(cluster, speed.name)
  emit(clusterRecord(booted, request))
  for (const record of await liveConfig(cluster)) emit(record)
  const discard = async (): Promise<void> => {
    await detach()
    report('removing the cluster')
    await removeRun(run)
  }
  const detach = async (): Promise<void> => {
    await collectLogs(cluster.machines, folder)
    await Promise.all(cluster.machines.map((machine) => machine.disconnect()))
  }
  return { cluster, kubeconfigs, close: options.keep ? detach : discard, discard }
}

/** Removes the registry's answer, in brackets, which is only for the report. */
function briefly(reason: string): string {
  return reason.replace(/ \(.*/s, '')
}

async function writeKubeconfigs({ kubeconfigs }: Booted, folder: string): Promise<string[]> {
  return Promise.all(
    [...kubeconfigs].map(async ([name, text]) => {
      const path = join(folder, `kubeconfig-${name}.yaml`)
      await writeFile(path, text, { mode: 0o600 })
      return path
    }),
  )
}

function clusterRecord({ cluster, bootMs }: Booted, { shape, speed, choice, options }: ClusterRequest): JournalRecord {
  return {
    kind: 'cluster',
    at: now(),
    topology: shape.name,
    distribution: choice.distribution.name,
    reason: choice.reason,
    timings: speed.name,
    image: choice.distribution.image,
    bootMs,
    versions: { ...choice.distribution.versions },
    coverage: coverage(choice.distribution),
    requested: requestedSettings({
      timings: speed,
      proxyMode: options.proxyMode ?? 'iptables',
      schedulerLeaderElection: options.schedulerLeaderElection ?? true,
    }),
    machines: cluster.machines.map(({ name, node, spec }) => ({
      name,
      node,
      address: spec.address,
      roles: [spec.role],
    })),
  }
}
