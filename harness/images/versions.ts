/**
 * Everything that a machine image is made of, pinned. The Go modules under go/ have the same versions; a test keeps the two in step.
 * A change here changes the image's hash, and so its name.
 */
export const versions = {
  kubernetes: 'v1.37.2',
  etcd: 'v3.7.3',
  containerd: 'v2.4.2',
  cni: 'v1.9.1',
  flannel: 'v0.28.10',
  coredns: 'v1.15.0',
  /** Of the image, as upstream counts it; the binary comes from the Kubernetes module. */
  agnhost: '2.66.1',
  pause: '1.0.0',
  /** Holdfast's program that delays, drops or corrupts packets on a kernel without netem. */
  impair: '1.0.0',
  debian: 'bookworm',
  /** Of the npm package `node`, which is also what the harness itself runs on. */
  node: '24.21.0',
} as const

/** The images that pods use; they are in every machine's containerd (namespace k8s.io, snapshotter overlayfs), unpacked and pinned. */
export const podImages = {
  pause: `holdfast.local/pause:${versions.pause}`,
  agnhost: `holdfast.local/agnhost:${versions.agnhost}`,
  coredns: `holdfast.local/coredns:${versions.coredns}`,
} as const

/** What builds the binaries when the host has no Go of at least this version. */
export const goVersion = { major: 1, minor: 26 } as const
export const goImage = 'golang:1.26-bookworm'
export const debianImage = `debian:${versions.debian}-slim`

/** Debian's packages in a machine, the same whichever way the base is made. */
export const debianPackages = [
  'busybox-static',
  'ca-certificates',
  'conntrack',
  'curl',
  'e2fsprogs',
  'ethtool',
  'haproxy',
  'iproute2',
  'ipset',
  'iptables',
  'kmod',
  'libnetfilter-queue1',
  'mount',
  'nftables',
  'procps',
  'runc',
  'runit',
  'socat',
  'tini',
  'util-linux',
] as const

/** The repository that machine images are tagged in; the tag is the recipe's hash. */
export const machineRepository = 'holdfast/machine'
export const baseRepository = 'holdfast/base'
