import { stringify } from 'yaml'
import { kubeconfig } from '../../api/kubeconfig.ts'
import { type MachineSpec, serviceNetwork } from '../../machine/machine-spec.ts'
import type { KeyPair } from '../../pki.ts'
import type { Timings } from '../../timings.ts'
import type { ClusterOptions } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import type { Identities } from './identities.ts'
import { apiServersUrl, paths } from '../../../agent/paths.ts'
import { type Service, serviceFiles } from './service.ts'

/** Returns the files of the three control-plane components. Those of the Node are in node.ts. */
export function controlPlaneFiles(
  machine: MachineSpec,
  etcd: readonly MachineSpec[],
  identities: Identities,
  options: ClusterOptions,
): MachineFile[] {
  const { apiServer: own, etcdProxy } = identities.machines.get(machine.name) ?? {}
  if (!own || !etcdProxy) throw new Error(`${machine.name} has no API server identity`)
  const services = [apiServer(machine, etcd), scheduler(options), controllerManager(options.timings)]
  const config = (user: KeyPair): string => kubeconfig(apiServersUrl, identities.clusterAuthority, user)
  return [
    ...services.flatMap(serviceFiles),
    ...pairFiles('apiserver', own),
    ...pairFiles('etcd-proxy', etcdProxy),
    ...pairFiles('apiserver-kubelet-client', identities.kubeletClient),
    ...pairFiles('apiserver-etcd-client', identities.etcdClient),
    ...pairFiles('front-proxy-client', identities.frontProxyClient),
    ...pairFiles('admin', identities.admin),
    { path: `${paths.pki}/etcd-ca.crt`, content: identities.etcdAuthority },
    { path: `${paths.pki}/front-proxy-ca.crt`, content: identities.frontProxyAuthority },
    { path: `${paths.pki}/sa.pub`, content: identities.serviceAccounts.publicKey },
    { path: `${paths.pki}/sa.key`, content: identities.serviceAccounts.privateKey, mode: 0o600 },
    { path: `${paths.kubeconfigs}/scheduler.conf`, content: config(identities.scheduler), mode: 0o600 },
    {
      path: `${paths.kubeconfigs}/controller-manager.conf`,
      content: config(identities.controllerManager),
      mode: 0o600,
    },
    { path: `${paths.kubeconfigs}/admin.conf`, content: config(identities.admin), mode: 0o600 },
    { path: `${paths.kubeconfigs}/audit-policy.yaml`, content: stringify(auditPolicy) },
  ]
}

export function pairFiles(name: string, { certificate, key }: KeyPair): MachineFile[] {
  return [
    { path: `${paths.pki}/${name}.crt`, content: certificate },
    { path: `${paths.pki}/${name}.key`, content: key, mode: 0o600 },
  ]
}

function apiServer(machine: MachineSpec, etcd: readonly MachineSpec[]): Service {
  const pki = (name: string): string => `${paths.pki}/${name}`
  return {
    name: 'kube-apiserver',
    command: 'kube-apiserver',
    flags: {
      'advertise-address': machine.address,
      'secure-port': 6443,
      'allow-privileged': true,
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'client-ca-file': pki('ca.crt'),
      'tls-cert-file': pki('apiserver.crt'),
      'tls-private-key-file': pki('apiserver.key'),
      'etcd-servers': etcd.map((member) => `https://${member.address}:2379`).join(','),
      'etcd-cafile': pki('etcd-ca.crt'),
      'etcd-certfile': pki('apiserver-etcd-client.crt'),
      'etcd-keyfile': pki('apiserver-etcd-client.key'),
      'kubelet-client-certificate': pki('apiserver-kubelet-client.crt'),
      'kubelet-client-key': pki('apiserver-kubelet-client.key'),
      'kubelet-certificate-authority': pki('ca.crt'),
      'kubelet-preferred-address-types': 'InternalIP,Hostname',
      'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
      'requestheader-allowed-names': 'front-proxy-client',
      'requestheader-username-headers': 'X-Remote-User',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'proxy-client-cert-file': pki('front-proxy-client.crt'),
      'proxy-client-key-file': pki('front-proxy-client.key'),
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': pki('sa.pub'),
      'service-account-signing-key-file': pki('sa.key'),
      'service-cluster-ip-range': serviceNetwork.cidr,
      'audit-policy-file': `${paths.kubeconfigs}/audit-policy.yaml`,
      'audit-log-path': paths.auditLog,
    },
  }
}

export function leaderElection(timings: Timings): Record<string, string> {
  return {
    'leader-elect-lease-duration': `${timings.leaseDuration}s`,
    'leader-elect-renew-deadline': `${timings.renewDeadline}s`,
    'leader-elect-retry-period': `${timings.retryPeriod}s`,
  }
}

function scheduler({ timings, schedulerLeaderElection }: ClusterOptions): Service {
  const config = `${paths.kubeconfigs}/scheduler.conf`
  return {
    name: 'kube-scheduler',
    command: 'kube-scheduler',
    flags: {
      kubeconfig: config,
      'authentication-kubeconfig': config,
      'authorization-kubeconfig': config,
      'bind-address': '127.0.0.1',
      'leader-elect': schedulerLeaderElection,
      ...leaderElection(timings),
    },
  }
}

function controllerManager(timings: Timings): Service {
  const config = `${paths.kubeconfigs}/controller-manager.conf`
  return {
    name: 'kube-controller-manager',
    command: 'kube-controller-manager',
    flags: {
      kubeconfig: config,
      'authentication-kubeconfig': config,
      'authorization-kubeconfig': config,
      'bind-address': '127.0.0.1',
      'use-service-account-credentials': true,
      'service-account-private-key-file': `${paths.pki}/sa.key`,
      'root-ca-file': `${paths.pki}/ca.crt`,
      // Its controllers start one by one and each first requests an identity: at the stock rate that alone takes five
      // seconds.
      'kube-api-qps': 200,
      'kube-api-burst': 300,
      'node-monitor-period': `${timings.nodeMonitorPeriod}s`,
      'node-monitor-grace-period': `${timings.nodeMonitorGracePeriod}s`,
      'leader-elect': true,
      ...leaderElection(timings),
    },
  }
}

/**
 * Logs changes, and the requests of kubectl, without Lease renewals and the components' own reads. Of Leases it logs those
 * of the scheduler and controller manager elections: a candidate that requests another's Lease has missed its holder.
 */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted', 'Panic'],
  rules: [
    {
      level: 'Metadata',
      verbs: ['update'],
      namespaces: ['kube-system'],
      resources: [
        {
          group: 'coordination.k8s.io',
          resources: ['leases'],
          resourceNames: ['kube-scheduler', 'kube-controller-manager'],
        },
      ],
    },
    { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    { level: 'None', resources: [{ group: '', resources: ['events', 'nodes/status'] }] },
    { level: 'None', resources: [{ group: 'authentication.k8s.io' }, { group: 'authorization.k8s.io' }] },
    { level: 'Request', verbs: ['create'], resources: [{ group: '', resources: ['pods/binding'] }] },
    {
      level: 'Metadata',
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
    },
    { level: 'Metadata', users: ['holdfast-admin'], verbs: ['get', 'list'] },
    { level: 'None' },
  ],
}
