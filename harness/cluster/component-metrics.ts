import type { RecordOf } from '../record/records.ts'
import { memberPki } from './agent/etcd-client.ts'
import type { MetricsSpec } from './agent/metrics.ts'
import type { Cluster } from './cluster.ts'
import { type Component, componentsOf, componentsWithin } from './components.ts'
import type { Machine } from './machine.ts'

/** A component that is frozen is not waited for: its silence is what is to be known. */
const timeoutMs = 1_000
/** To tell all that it knows costs an API server a tenth of a second of a core, which is missing elsewhere just then. */
const atOnce = 2

/** Of every component: another start is another process; what it takes tells a busy one from one that waits. */
const ofProcesses = ['process_start_time_seconds', 'process_cpu_seconds_total', 'process_resident_memory_bytes']
/** Whether an instance takes itself for the leader, which its Lease says too: SCHED-14 compares the two. */
const ofElections = 'leader_election_master_status'

/** What is asked of each, and why it tells something of a fault. */
const families: Partial<Record<Component, readonly string[]>> = {
  // Whether a member has a leader, how often that changed, what it could not commit, and what its disk takes.
  etcd: [
    'etcd_server_has_leader',
    'etcd_server_is_leader',
    'etcd_server_leader_changes_seen_total',
    'etcd_server_proposals_committed_total',
    'etcd_server_proposals_failed_total',
    'etcd_server_proposals_pending',
    'etcd_disk_wal_fsync_duration_seconds_sum',
    'etcd_disk_wal_fsync_duration_seconds_count',
  ],
  // What hangs at it, what it lost of its audit log, and whether it reaches etcd.
  'kube-apiserver': [
    'apiserver_current_inflight_requests',
    'apiserver_audit_event_total',
    'apiserver_audit_requests_rejected_total',
    'etcd_request_errors_total',
  ],
  'kube-scheduler': [ofElections, 'scheduler_pending_pods', 'scheduler_schedule_attempts_total'],
  'kube-controller-manager': [ofElections, 'node_collector_unhealthy_nodes_in_zone'],
  // What it runs by its own count, beside the runtime's.
  kubelet: ['kubelet_running_pods', 'kubelet_running_containers'],
  // How old its rules are, and how much of them could not be written.
  'kube-proxy': [
    'kubeproxy_sync_proxy_rules_last_timestamp_seconds',
    'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds',
    'kubeproxy_sync_proxy_rules_iptables_restore_failures_total',
    'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
  ],
}

const admin = { certificate: '/etc/kubernetes/pki/admin.crt', key: '/etc/kubernetes/pki/admin.key' } as const

/** What every component of these machines tells of itself now. Whoever does not answer is told with the reason. */
export async function componentMetrics(
  { controlPlane }: Cluster,
  running: readonly Machine[],
  edge: Pick<RecordOf<'metrics'>, 'fault' | 'moment'>,
): Promise<RecordOf<'metrics'>[]> {
  const asker = running.find((machine) => controlPlane.includes(machine))
  const told: RecordOf<'metrics'>[] = []
  const asking = running
    .flatMap((machine) =>
      [...componentsOf(machine.spec), ...componentsWithin(machine.spec)].map((component) => ({ machine, component })),
    )
    .values()
  const askInTurn = async (): Promise<void> => {
    for (const { machine, component } of asking) {
      const asked = whereToAsk(machine, component, asker)
      if (!asked) continue
      const { by, ...spec } = asked
      const wanted = [...ofProcesses, ...(families[component] ?? [])]
      const found = await by.call('metrics', { ...spec, families: wanted, timeoutMs }).catch(() => undefined)
      if (found) told.push(by.onOurClock({ kind: 'metrics', machine: machine.name, component, ...edge, ...found }))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, askInTurn))
  return told
}

function whereToAsk(
  machine: Machine,
  component: Component,
  asker: Machine | undefined,
): (Omit<MetricsSpec, 'families' | 'timeoutMs'> & { by: Machine }) | undefined {
  switch (component) {
    case 'etcd':
      return { by: machine, url: 'https://127.0.0.1:2379/metrics', ...memberPki }
    case 'kube-apiserver':
      return { by: machine, url: 'https://127.0.0.1:6443/metrics', ...admin }
    case 'kube-scheduler':
      return { by: machine, url: 'https://127.0.0.1:10259/metrics', ...admin }
    case 'kube-controller-manager':
      return { by: machine, url: 'https://127.0.0.1:10257/metrics', ...admin }
    case 'kubelet':
      // Only control-plane machines have an administrator's key.
      return asker && { by: asker, url: `https://${machine.spec.address}:10250/metrics`, ...admin }
    case 'kube-proxy':
      return { by: machine, url: 'http://127.0.0.1:10249/metrics' }
    default:
      return undefined
  }
}
