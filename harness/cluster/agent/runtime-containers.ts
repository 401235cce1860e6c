import { readFile, readdir } from 'node:fs/promises'
import { podAddress } from './pod-address.ts'
import type { Container } from './protocol.ts'
import { processOf } from './supervisor.ts'

const tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'

/**
 * The containers whose process lives, from containerd's own task folders: no API server and no kubelet is asked, and no
 * process has to be started. Sandboxes are listed under the name `pause`.
 */
export async function containers(): Promise<Container[]> {
  const ids = await readdir(tasks).catch(() => [])
  const all = await Promise.all(ids.map(containerOf))
  return all.filter((container) => container !== undefined)
}

async function containerOf(id: string): Promise<Container | undefined> {
  const [config, init] = await Promise.all([
    readFile(`${tasks}/${id}/config.json`, 'utf8').catch(() => undefined),
    readFile(`${tasks}/${id}/init.pid`, 'utf8').catch(() => undefined),
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
