import { stringify } from 'yaml'
import { podImages } from '../../../images/versions.ts'
import type { MachineSpec } from '../../machine/machine-spec.ts'
import type { ClusterOptions } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import { kubeletSettings } from '../kubelet-settings.ts'
import type { Service } from '../upstream/service.ts'
import { k3sPaths } from './k3s-paths.ts'
import type { Separable } from './embedded.ts'

/** Returns the flags that servers and agents share, because both are Nodes. */
export function nodeFlags(
  machine: MachineSpec,
  options: ClusterOptions,
  standalone: readonly Separable[],
): Record<string, string | string[]> {
  const proxy = Object.entries(proxyFlags(options)).map(([name, value]) => `${name}=${value}`)
  return {
    'node-name': machine.name,
    'node-ip': machine.address,
    // By default k3s rejects Docker's own resolver and gives pods one on the internet instead.
    'resolv-conf': '/etc/resolv.conf',
    ...(standalone.includes('kube-proxy') ? {} : { 'kube-proxy-arg': proxy }),
  }
}

/** Returns kube-proxy's flags, in its own process or in another one. */
export function proxyFlags({ proxyMode }: ClusterOptions): Record<string, string> {
  return {
    'proxy-mode': proxyMode,
    'healthz-bind-address': '0.0.0.0:10256',
    'metrics-bind-address': '127.0.0.1:10249',
    'iptables-min-sync-period': '1s',
  }
}

/** `k3s agent`: kubelet, kube-proxy and flannel in one process. It learns of the other servers from the one in its flags. */
export function agent(
  machine: MachineSpec,
  server: MachineSpec,
  options: ClusterOptions,
  standalone: readonly Separable[],
): Service {
  return {
    name: 'k3s-agent',
    command: 'k3s agent',
    held: true,
    flags: {
      server: `https://${server.address}:6443`,
      'token-file': k3sPaths.token,
      ...nodeFlags(machine, options, standalone),
      'pause-image': podImages.pause,
    },
  }
}

/** Settings without a k3s flag: the kubelet's, and a runtime that works with what the host gives. */
export function nodeFiles(options: ClusterOptions): MachineFile[] {
  return [
    { path: k3sPaths.kubelet, content: stringify(kubeletSettings(options.timings)) },
    { path: k3sPaths.containerd, content: containerdConfig },
    { path: k3sPaths.runtime, content: runtimeWrapper, mode: 0o755 },
  ]
}

/** Merged into what k3s writes. */
const containerdConfig = `version = 3
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = '${k3sPaths.runtime}'
`

/**
 * runc refuses privileged containers where the host withholds CAP_SYS_RESOURCE, so the wrapper first removes the request
 * from the bundle. containerd writes a bundle as one line, and the image's own sed may support no more than that.
 */
const runtimeWrapper = `#!${k3sPaths.bin}/busybox sh
if ! ${k3sPaths.bin}/busybox awk '$1 == "CapBnd:" { exit substr($2, length($2) - 6, 1) !~ /[13579bdf]/ }' /proc/self/status; then
  bundle=. process= expect=
  for word in "$@"; do
    case "$expect" in
      bundle) bundle=$word ;;
      process) process=$word ;;
    esac
    expect=
    case "$word" in
      --bundle | -b) expect=bundle ;;
      --bundle=*) bundle=\${word#*=} ;;
      --process | -p) expect=process ;;
      --process=*) process=\${word#*=} ;;
    esac
  done
  for file in "$bundle/config.json" $process; do
    [ ! -f "$file" ] || ${k3sPaths.bin}/busybox sed -E -i ':again
      s/("(bounding|effective|inheritable|permitted|ambient)":\\[[^]]*)"CAP_SYS_RESOURCE",?/\\1/
      t again
      s/,\\]/]/g' "$file"
  done
fi
exec runc "$@"
`
