/** The supervised processes of a machine; each can be killed, stopped and frozen by itself. */
export type Component =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-scheduler'
  | 'kube-controller-manager'
  | 'containerd'
  | 'kubelet'
  | 'kube-proxy'
  | 'flanneld'
  | 'apiserver-lb'
  | 'k3s-server'
  | 'k3s-agent'
