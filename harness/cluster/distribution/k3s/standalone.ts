import type { ClusterOptions } from '../distribution.ts'
import { type MachineSpec, podNetwork, serviceNetwork } from '../../machine/machine-spec.ts'
import { leaderElection } from '../upstream/control-plane.ts'
import type { Service } from '../upstream/service.ts'
import { k3sPaths } from './k3s-paths.ts'
import { proxyFlags } from './node.ts'
import { monitoringFlags } from './server.ts'
import type { Separable } from './embedded.ts'

/** A component beside k3s, with the credentials and the settings that k3s would give it inside. */
export function standaloneService(name: Separable, machine: MachineSpec, options: ClusterOptions): Service {
  switch (name) {
    case 'kube-scheduler':
      return scheduler(options)
    case 'kube-controller-manager':
      return controllerManager(options)
    case 'kube-proxy':
      return proxy(machine, options)
  }
}

function proxy(machine: MachineSpec, options: ClusterOptions): Service {
  return {
    name: 'kube-proxy',
    command: `${k3sPaths.bin}/kube-proxy`,
    // Written once k3s has joined the cluster.
    awaits: k3sPaths.proxyCredentials,
    flags: {
      kubeconfig: k3sPaths.proxyCredentials,
      'hostname-override': machine.name,
      'cluster-cidr': podNetwork.cidr,
      'conntrack-max-per-core': 0,
      'conntrack-tcp-timeout-established': '0s',
      'conntrack-tcp-timeout-close-wait': '0s',
      ...proxyFlags(options),
    },
  }
}

function common(config: string): Record<string, string> {
  const path = `${k3sPaths.credentials}/${config}.kubeconfig`
  return {
    kubeconfig: path,
    'authentication-kubeconfig': path,
    'authorization-kubeconfig': path,
    'bind-address': '127.0.0.1',
  }
}

function scheduler({ timings, schedulerLeaderElection }: ClusterOptions): Service {
  return {
    name: 'kube-scheduler',
    command: `${k3sPaths.bin}/kube-scheduler`,
    flags: { ...common('scheduler'), 'leader-elect': schedulerLeaderElection, ...leaderElection(timings) },
  }
}

function controllerManager(options: ClusterOptions): Service {
  const tls = (name: string): string => `${k3sPaths.tls}/${name}`
  return {
    name: 'kube-controller-manager',
    command: `${k3sPaths.bin}/kube-controller-manager`,
    flags: {
      ...common('controller'),
      controllers: '*,tokencleaner',
      'use-service-account-credentials': true,
      'service-account-private-key-file': tls('service.current.key'),
      'root-ca-file': tls('server-ca.crt'),
      'service-cluster-ip-range': serviceNetwork.cidr,
      'cluster-cidr': podNetwork.cidr,
      'cluster-signing-kube-apiserver-client-cert-file': tls('client-ca.nochain.crt'),
      'cluster-signing-kube-apiserver-client-key-file': tls('client-ca.key'),
      'cluster-signing-kubelet-client-cert-file': tls('client-ca.nochain.crt'),
      'cluster-signing-kubelet-client-key-file': tls('client-ca.key'),
      'cluster-signing-kubelet-serving-cert-file': tls('server-ca.nochain.crt'),
      'cluster-signing-kubelet-serving-key-file': tls('server-ca.key'),
      'cluster-signing-legacy-unknown-cert-file': tls('server-ca.nochain.crt'),
      'cluster-signing-legacy-unknown-key-file': tls('server-ca.key'),
      // As for upstream: at the stock rate its controllers alone take five seconds to start.
      'kube-api-qps': 200,
      'kube-api-burst': 300,
      ...monitoringFlags(options),
      'leader-elect': true,
      ...leaderElection(options.timings),
    },
  }
}
