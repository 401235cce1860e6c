import type { RecordOf } from '../../record/records.ts'
import { memberPki, ownMember } from '../../agent/etcd/etcd-client.ts'
import type { MetricsSpec } from '../../agent/observers/metrics.ts'
import type { Cluster } from '../cluster.ts'
import { type Component, componentsOf, embeddedComponents } from '../components.ts'
import type { Machine } from '../machine/machine.ts'

/** A frozen component is not waited for: that it does not answer is the observation. */
const timeoutMs = 1_000
/** All its metrics cost an API server a tenth of a second of a core, which other processes need at that moment. */
const atOnce = 2

/** For every component: a new start time means a new process; what it uses distinguishes a busy process from a waiting one. */
const ofProcesses = ['process_start_time_seconds', 'process_cpu_seconds_total', 'process_resident_memory_bytes']
/** Whether an instance considers itself the leader, which its Lease shows too: SCHED-14 compares the two. */
const ofElections = 'leader_election_master_status'

/** The families to read of each component, and what they show about a fault. */
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
  // Its requests and watches, what it lost of its audit log, and whether it reaches etcd.
  'kube-apiserver': [
    'apiserver_current_inflight_requests',
    'apiserver_audit_event_total',
    'apiserver_audit_requests_rejected_total',
    'etcd_request_errors_total',
  ],
  'kube-scheduler': [ofElections, 'scheduler_pending_pods', 'scheduler_schedule_attempts_total'],
  'kube-controller-manager': [ofElections, 'node_collector_unhealthy_nodes_in_zone'],
  // What it runs by its own count, to compare with the runtime's.
  kubelet: ['kubelet_running_pods', 'kubelet_running_containers'],
  // The age of its rules, and how many could not be written.
  'kube-proxy': [
    'kubeproxy_sync_proxy_rules_last_timestamp_seconds',
    'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds',
    'kubeproxy_sync_proxy_rules_iptables_restore_failures_total',
    'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
  ],
}

const admin = { certificate: '/etc/kubernetes/pki/admin.crt', key: '/etc/kubernetes/pki/admin.key' } as const

/** Reads the metrics of every component of these machines. A component that does not answer is recorded with the reason. */
export async function componentMetrics(
  { controlPlane }: Cluster,
  running: readonly Machine[],
  edge: Pick<RecordOf<'metrics'>, 'fault' | 'moment'>,
): Promise<RecordOf<'metrics'>[]> {
  const controlPlaneMachine = running.find((machine) => controlPlane.includes(machine))
  const records: RecordOf<'metrics'>[] = []
  const pending = running
    .flatMap((machine) =>
      [...componentsOf(machine.spec), ...embeddedComponents(machine.spec)].map((component) => ({ machine, component })),
    )
    .values()
  const queryNext = async (): Promise<void> => {
    for (const { machine, component } of pending) {
      const endpoint = metricsEndpoint(machine, component, controlPlaneMachine)
      if (!endpoint) continue
      const { by, ...spec } = endpoint
      const wanted = [...ofProcesses, ...(families[component] ?? [])]
      const found = await by.call('metrics', { ...spec, families: wanted, timeoutMs }).catch(() => undefined)
      if (found) records.push(by.onOurClock({ kind: 'metrics', machine: machine.name, component, ...edge, ...found }))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, queryNext))
  return records
}

function metricsEndpoint(
  machine: Machine,
  component: Component,
  controlPlaneMachine: Machine | undefined,
): (Omit<MetricsSpec, 'families' | 'timeoutMs'> & { by: Machine }) | undefined {
  switch (component) {
    case 'etcd':
      return { by: machine, url: `${ownMember}/metrics`, ...memberPki }
    case 'kube-apiserver':
      return { by: machine, url: 'https://127.0.0.1:6443/metrics', ...admin }
    case 'kube-scheduler':
      return { by: machine, url: 'https://127.0.0.1:10259/metrics', ...admin }
    case 'kube-controller-manager':
      return { by: machine, url: 'https://127.0.0.1:10257/metrics', ...admin }
    case 'kubelet':
      // Only control-plane machines have an administrator's key.
      return (
        controlPlaneMachine && {
          by: controlPlaneMachine,
          url: `https://${machine.spec.address}:10250/metrics`,
          ...admin,
        }
      )
    case 'kube-proxy':
      return { by: machine, url: 'http://127.0.0.1:10249/metrics' }
    default:
      return undefined
  }
}
