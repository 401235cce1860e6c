/** Where k3s keeps things on its machines, and where we put ours there. */
export const k3sPaths = {
  data: '/var/lib/rancher/k3s',
  tls: '/var/lib/rancher/k3s/server/tls',
  credentials: '/var/lib/rancher/k3s/server/cred',
  proxyCredentials: '/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig',
  kubelet: '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/10-holdfast.conf',
  containerd: '/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d/holdfast.toml',
  store: '/var/lib/rancher/k3s/agent/containerd',
  seeded: '/opt/holdfast/containerd',
  podNetwork: '/var/lib/rancher/k3s/agent/etc/cni/net.d',
  tasks: '/run/k3s/containerd',
  flannel: '/run/flannel',
  ours: '/etc/holdfast',
  token: '/etc/holdfast/token',
  auditPolicy: '/etc/holdfast/audit-policy.yaml',
  bin: '/opt/holdfast/bin',
  runtime: '/opt/holdfast/bin/runc-holdfast',
} as const
