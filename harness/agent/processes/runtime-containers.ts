import { readFile, readdir } from 'node:fs/promises'
import { unlessAbsent } from '../ttl/absence.ts'
import { podAddress } from './pod-address.ts'
import type { Container } from '../rpc/results.ts'
import { processOf } from './supervisor.ts'

const tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'

/**
 * Returns the containers with a living process, from containerd's own task folders: without API server, kubelet or a new
 * process. Sandboxes are listed under the name `pause`. Returns an empty list if containerd's folder is missing.
 * @throws when a task can't be read: it may be the wanted one
 */
export async function containers(folder = tasks): Promise<Container[]> {
  const ids = (await unlessAbsent(readdir(folder))) ?? []
  const all = await Promise.all(ids.map((id) => containerOf(folder, id)))
  return all.filter((container) => container !== undefined)
}

async function containerOf(folder: string, id: string): Promise<Container | undefined> {
  const [config, init] = await Promise.all([
    unlessAbsent(readFile(`${folder}/${id}/config.json`, 'utf8')),
    unlessAbsent(readFile(`${folder}/${id}/init.pid`, 'utf8')),
  ])
  const pid = Number(init)
  const process = pid > 0 ? await processOf(pid) : undefined
  if (!config || !process) return undefined
  const { annotations = {} } = JSON.parse(config) as { annotations?: Record<string, string> }
  const sandbox = annotations['io.kubernetes.cri.container-type'] === 'sandbox'
  const address = sandbox ? await podAddress(pid) : undefined
  return {
    id,
    namespace: annotations['io.kubernetes.cri.sandbox-namespace'] ?? '',
    pod: annotations['io.kubernetes.cri.sandbox-name'] ?? '',
    name: sandbox ? 'pause' : (annotations['io.kubernetes.cri.container-name'] ?? ''),
    pid,
    startedAt: process.startedAt,
    ...(address === undefined ? {} : { address }),
  }
}
