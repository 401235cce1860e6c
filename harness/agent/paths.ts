/** Paths inside a machine. */
export const paths = {
  home: '/opt/holdfast',
  services: '/opt/holdfast/sv',
  init: '/opt/holdfast/init',
  node: '/opt/holdfast/node',
  agent: '/opt/holdfast/agent.mjs',
  etcdProxy: '/opt/holdfast/etcd-proxy.mjs',
  apiLoad: '/opt/holdfast/api-load.mjs',
  /** Not below /run or /tmp, which are empty after a restart: a restart does not revert every fault. */
  appliedFaults: '/opt/holdfast/applied-faults',
  logs: '/var/log/holdfast',
  auditLog: '/var/log/holdfast/audit.log',
  pki: '/etc/kubernetes/pki',
  kubeconfigs: '/etc/kubernetes',
  etcdPki: '/etc/etcd/pki',
  containerdSocket: '/run/containerd/containerd.sock',
} as const

/** The API servers' URL, through the machine's own load balancer. */
export const apiServersUrl = 'https://127.0.0.1:7443'
