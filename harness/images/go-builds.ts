import { versions } from './versions.ts'

/** One run of the Go compiler: a module folder under go/, and which of its packages end as which binary. */
export interface GoBuild {
  readonly name: string
  readonly version: string
  readonly packages: Readonly<Record<string, string>>
  readonly tags?: readonly string[]
  /** Values that the linker sets, so that the binaries report their version. */
  readonly stamps?: Readonly<Record<string, string>>
  /** Backends to leave out: their packages are replaced by empty ones in a vendored copy of the module. */
  readonly emptied?: readonly string[]
  /** Seconds on two cores with nothing cached, for the first estimate. */
  readonly seconds: number
}

const kubernetes = (path: string): string => `k8s.io/kubernetes/${path}`
const [, kubernetesMajor = '', kubernetesMinor = ''] = /^v(\d+)\.(\d+)\./.exec(versions.kubernetes) ?? []

function kubernetesStamps(): Record<string, string> {
  const stamps: Record<string, string> = {}
  for (const at of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    stamps[`${at}.gitVersion`] = versions.kubernetes
    stamps[`${at}.gitMajor`] = kubernetesMajor
    stamps[`${at}.gitMinor`] = kubernetesMinor
    stamps[`${at}.gitTreeState`] = 'clean'
  }
  return stamps
}

export const goBuilds: readonly GoBuild[] = [
  {
    name: 'kubernetes',
    version: versions.kubernetes,
    packages: {
      'kube-apiserver': kubernetes('cmd/kube-apiserver'),
      'kube-controller-manager': kubernetes('cmd/kube-controller-manager'),
      'kube-scheduler': kubernetes('cmd/kube-scheduler'),
      kubelet: kubernetes('cmd/kubelet'),
      'kube-proxy': kubernetes('cmd/kube-proxy'),
      kubectl: kubernetes('cmd/kubectl'),
      agnhost: kubernetes('test/images/agnhost'),
    },
    stamps: kubernetesStamps(),
    seconds: 590,
  },
  {
    name: 'etcd',
    version: versions.etcd,
    packages: {
      etcd: 'go.etcd.io/etcd/server/v3',
      etcdctl: 'go.etcd.io/etcd/etcdctl/v3',
      etcdutl: 'go.etcd.io/etcd/etcdutl/v3',
    },
    seconds: 55,
  },
  {
    name: 'containerd',
    version: versions.containerd,
    packages: Object.fromEntries(
      ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => [
        name,
        `github.com/containerd/containerd/v2/cmd/${name}`,
      ]),
    ),
    tags: ['no_btrfs', 'no_devmapper', 'no_zfs'],
    stamps: { 'github.com/containerd/containerd/v2/version.Version': versions.containerd },
    seconds: 88,
  },
  {
    name: 'cni',
    version: versions.cni,
    packages: {
      bridge: 'github.com/containernetworking/plugins/plugins/main/bridge',
      'host-local': 'github.com/containernetworking/plugins/plugins/ipam/host-local',
      loopback: 'github.com/containernetworking/plugins/plugins/main/loopback',
      portmap: 'github.com/containernetworking/plugins/plugins/meta/portmap',
    },
    seconds: 7,
  },
  { name: 'coredns', version: versions.coredns, packages: { coredns: '.' }, seconds: 100 },
  {
    name: 'flannel',
    version: versions.flannel,
    packages: { flanneld: 'github.com/flannel-io/flannel' },
    stamps: { 'github.com/flannel-io/flannel/pkg/version.Version': versions.flannel },
    emptied: ['ipsec', 'tencentvpc', 'udp', 'wireguard', 'ipip', 'extension'].map(
      (name) => `github.com/flannel-io/flannel/pkg/backend/${name}`,
    ),
    seconds: 240,
  },
  { name: 'impair', version: versions.impair, packages: { impair: '.' }, seconds: 6 },
  { name: 'pause', version: versions.pause, packages: { pause: '.' }, seconds: 3 },
]

/** The arguments of `go build` that write every binary of a build into one folder, one call for each since names may differ from packages. */
export function goBuildArguments(build: GoBuild, folder: string): string[][] {
  const stamps = Object.entries(build.stamps ?? {}).map(([variable, value]) => `-X ${variable}=${value}`)
  const common = ['build', '-trimpath', '-buildvcs=false']
  if (build.tags) common.push('-tags', build.tags.join(','))
  if (build.emptied) common.push('-mod=vendor')
  common.push('-ldflags', ['-s', '-w', ...stamps].join(' '))
  const entries = Object.entries(build.packages)
  // One call compiles all packages side by side; it can't choose names, so it is only for binaries that are called like their packages.
  if (entries.every(([name, path]) => path.endsWith(`/${name}`)))
    return [[...common, '-o', `${folder}/`, ...entries.map(([, path]) => path)]]
  return entries.map(([name, path]) => [...common, '-o', `${folder}/${name}`, path])
}
