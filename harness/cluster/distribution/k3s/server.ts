import { podImages } from '../../../images/versions.ts'
import { type MachineSpec, podNetwork, serviceNetwork } from '../../machine/machine-spec.ts'
import type { ClusterOptions } from '../distribution.ts'
import { leaderElection } from '../upstream/control-plane.ts'
import { paths } from '../../../agent/paths.ts'
import type { Service } from '../upstream/service.ts'
import { k3sPaths } from './k3s-paths.ts'
import { nodeFlags } from './node.ts'
import type { Separable } from './embedded.ts'

interface ServerFlagInputs {
  readonly etcd: readonly MachineSpec[]
  readonly options: ClusterOptions
  readonly standalone: readonly Separable[]
}

/**
 * `k3s server`: API server and Node in one process, on an external etcd. Scheduler and controller manager are part of it
 * unless they are standalone. Everything that k3s would deploy by itself is off: Holdfast deploys what runs in the cluster.
 */
export function server(machine: MachineSpec, { etcd, options, standalone }: ServerFlagInputs): Service {
  return {
    name: 'k3s-server',
    command: `env ${environment(options)} k3s server`,
    held: true,
    flags: {
      'token-file': k3sPaths.token,
      'datastore-endpoint': etcd.map(({ address }) => `https://${address}:2379`).join(','),
      'datastore-cafile': `${k3sPaths.holdfast}/etcd-ca.crt`,
      'datastore-certfile': `${k3sPaths.holdfast}/etcd-client.crt`,
      'datastore-keyfile': `${k3sPaths.holdfast}/etcd-client.key`,
      'advertise-address': machine.address,
      'tls-san': [machine.name, machine.address],
      'cluster-cidr': podNetwork.cidr,
      'service-cidr': serviceNetwork.cidr,
      'cluster-dns': serviceNetwork.dns,
      'flannel-backend': 'host-gw',
      disable: ['traefik', 'coredns', 'local-storage', 'metrics-server', 'servicelb', 'runtimes'],
      'disable-cloud-controller': true,
      'disable-network-policy': true,
      'disable-helm-controller': true,
      'kube-apiserver-arg': flagList({
        'audit-policy-file': k3sPaths.auditPolicy,
        'audit-log-path': paths.auditLog,
      }),
      ...embeddedFlags(options, standalone),
      ...nodeFlags(machine, options, standalone),
      'pause-image': podImages.pause,
    },
  }
}

/** The flags of the components that run inside the server, or that turn them off. */
function embeddedFlags(options: ClusterOptions, standalone: readonly Separable[]): Service['flags'] {
  const election = flagList({ 'leader-elect': true, ...leaderElection(options.timings) })
  const scheduler = options.schedulerLeaderElection ? election : flagList({ 'leader-elect': false })
  return {
    ...(standalone.includes('kube-controller-manager')
      ? { 'disable-controller-manager': true }
      : { 'kube-controller-manager-arg': [...flagList(monitoringFlags(options)), ...election] }),
    ...(standalone.includes('kube-scheduler') ? { 'disable-scheduler': true } : { 'kube-scheduler-arg': scheduler }),
    ...(standalone.includes('kube-proxy') ? { 'disable-kube-proxy': true } : {}),
  }
}

/** Settings from which the contracts about Nodes derive bounds. Pod ranges are Holdfast's: Nodes have them before their kubelets run. */
export function monitoringFlags({ timings }: ClusterOptions): Record<string, string | boolean> {
  return {
    'node-monitor-period': `${timings.nodeMonitorPeriod}s`,
    'node-monitor-grace-period': `${timings.nodeMonitorGracePeriod}s`,
    'allocate-node-cidrs': false,
  }
}

/** The Lease by which servers elect the runner of k3s's own controllers can only be set through the environment. */
function environment({ timings }: ClusterOptions): string {
  return [
    `CATTLE_ELECTION_LEASE_DURATION=${timings.leaseDuration}s`,
    `CATTLE_ELECTION_RENEW_DEADLINE=${timings.renewDeadline}s`,
    `CATTLE_ELECTION_RETRY_PERIOD=${timings.retryPeriod}s`,
  ].join(' ')
}

function flagList(flags: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(flags).map(([name, value]) => `${name}=${String(value)}`)
}
