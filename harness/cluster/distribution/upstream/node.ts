import { stringify } from 'yaml'
import { podImages } from '../../../images/versions.ts'
import { kubeconfig } from '../../api/kubeconfig.ts'
import { type MachineSpec, podNetwork, serviceNetwork } from '../../machine/machine-spec.ts'
import type { Timings } from '../../timings.ts'
import type { ClusterOptions, ProxyMode } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import { kubeletSettings } from '../kubelet-settings.ts'
import type { Identities } from './identities.ts'
import { loadBalancerFiles } from './load-balancer.ts'
import { apiServersUrl, paths } from '../../../agent/paths.ts'
import { type Service, serviceFiles } from './service.ts'

/** Returns the files that make a machine a Node: container runtime, kubelet, kube-proxy, pod network, and access to the API servers. */
export function nodeFiles(
  machine: MachineSpec,
  apiServers: readonly MachineSpec[],
  identities: Identities,
  options: Pick<ClusterOptions, 'timings' | 'proxyMode'>,
): MachineFile[] {
  const own = identities.machines.get(machine.name)?.kubelet
  if (!own || !machine.podRange) throw new Error(`${machine.name} has no kubelet identity`)
  const config = (user: typeof own): string => kubeconfig(apiServersUrl, identities.clusterAuthority, user)
  return [
    ...services(machine).flatMap(serviceFiles),
    ...loadBalancerFiles(apiServers),
    { path: `${paths.pki}/ca.crt`, content: identities.clusterAuthority },
    { path: `${paths.pki}/kubelet.crt`, content: own.certificate },
    { path: `${paths.pki}/kubelet.key`, content: own.key, mode: 0o600 },
    { path: `${paths.kubeconfigs}/kubelet.conf`, content: config(own), mode: 0o600 },
    { path: `${paths.kubeconfigs}/kube-proxy.conf`, content: config(identities.kubeProxy), mode: 0o600 },
    { path: `${paths.kubeconfigs}/flannel.conf`, content: config(identities.flannel), mode: 0o600 },
    { path: '/etc/containerd/config.toml', content: containerdConfig },
    { path: '/etc/cni/net.d/10-holdfast.conflist', content: JSON.stringify(podNetworkConfig(machine.podRange)) },
    { path: '/etc/kube-flannel/net-conf.json', content: JSON.stringify(flannelConfig) },
    { path: '/etc/kubernetes/kubelet.yaml', content: stringify(kubeletConfig(options.timings)) },
    { path: '/etc/kubernetes/kube-proxy.yaml', content: stringify(proxyConfig(machine, options.proxyMode)) },
  ]
}

function services(machine: MachineSpec): Service[] {
  return [
    { name: 'containerd', command: 'containerd', flags: { config: '/etc/containerd/config.toml' } },
    {
      name: 'kubelet',
      command: 'kubelet',
      flags: {
        config: '/etc/kubernetes/kubelet.yaml',
        kubeconfig: `${paths.kubeconfigs}/kubelet.conf`,
        'hostname-override': machine.name,
        'node-ip': machine.address,
      },
    },
    {
      name: 'kube-proxy',
      command: 'kube-proxy',
      flags: { config: '/etc/kubernetes/kube-proxy.yaml' },
    },
    {
      name: 'flanneld',
      command: `env NODE_NAME=${machine.name} flanneld`,
      flags: {
        'kube-subnet-mgr': true,
        'kubeconfig-file': `${paths.kubeconfigs}/flannel.conf`,
        'net-config-path': '/etc/kube-flannel/net-conf.json',
        iface: machine.address,
        'ip-masq': true,
      },
    },
  ]
}

/**
 * The pause image is pinned so that the kubelet's image garbage collection keeps it; the wrapper drops capabilities that
 * the host withholds.
 */
const containerdConfig = `version = 3
root = '/var/lib/containerd'
state = '/run/containerd'
[grpc]
  address = '${paths.containerdSocket}'
[plugins.'io.containerd.cri.v1.images']
  snapshotter = 'overlayfs'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${podImages.pause}'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/cni/bin']
  conf_dir = '/etc/cni/net.d'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = '/usr/local/sbin/runc-holdfast'
  SystemdCgroup = false
`

/** Written before the kubelet starts: a Node is Ready as soon as it registers, and flanneld adds the routes. */
function podNetworkConfig(podRange: string): object {
  return {
    cniVersion: '1.0.0',
    name: 'holdfast',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        isDefaultGateway: true,
        ipMasq: false,
        hairpinMode: true,
        mtu: 1500,
        ipam: { type: 'host-local', ranges: [[{ subnet: podRange }]], dataDir: '/run/cni' },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

const flannelConfig = { Network: podNetwork.cidr, Backend: { Type: 'host-gw' } }

function kubeletConfig(timings: Timings): object {
  return {
    ...kubeletSettings(timings),
    cgroupDriver: 'cgroupfs',
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    clusterDNS: [serviceNetwork.dns],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${paths.pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${paths.pki}/kubelet.crt`,
    tlsPrivateKeyFile: `${paths.pki}/kubelet.key`,
    registerNode: true,
  }
}

function proxyConfig(machine: MachineSpec, mode: ProxyMode): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    hostnameOverride: machine.name,
    clusterCIDR: podNetwork.cidr,
    clientConnection: { kubeconfig: `${paths.kubeconfigs}/kube-proxy.conf` },
    healthzBindAddress: '0.0.0.0:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // A machine's kernel settings are the host's: kube-proxy may not write them from inside a container.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '1s', syncPeriod: '30s' },
    nftables: { minSyncPeriod: '1s', syncPeriod: '30s' },
  }
}
