import { stringify } from 'yaml'
import { kubeconfig } from '../../api/kubeconfig.ts'
import { type MachineSpec, podNetwork } from '../../machine/machine-spec.ts'
import type { ClusterOptions } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import { initFile } from '../init.ts'
import { auditPolicy, pairFiles } from '../upstream/control-plane.ts'
import type { Identities } from '../upstream/identities.ts'
import { paths } from '../../../agent/paths.ts'
import { serviceFiles } from '../upstream/service.ts'
import { standaloneService } from './standalone.ts'
import { k3sPaths } from './k3s-paths.ts'
import { agent, nodeFiles } from './node.ts'
import type { NodePassword } from './node-passwords.ts'
import { server } from './server.ts'
import { serviceKey } from './shared-secrets.ts'
import type { Tokens } from './tokens.ts'
import { type Separable, componentsOf, isSeparable } from './embedded.ts'

interface MachineFileInputs {
  readonly machines: readonly MachineSpec[]
  readonly identities: Identities
  readonly tokens: Tokens
  readonly passwords: readonly NodePassword[]
  readonly options: ClusterOptions
  /** The components that run beside the servers as their own processes. */
  readonly standalone: readonly Separable[]
}

/** Returns the files that turn the official image into this machine. */
export function k3sMachineFiles(machine: MachineSpec, input: MachineFileInputs): MachineFile[] {
  const { machines, identities, tokens, passwords, options, standalone } = input
  const etcd = machines.filter(({ role }) => role === 'etcd')
  const [firstServer] = machines.filter(({ role }) => role === 'control-plane')
  if (!firstServer) throw new Error('a k3s cluster has no server')
  const isServer = machine.role === 'control-plane'
  const own = isServer
    ? server(machine, { etcd, options, standalone })
    : agent(machine, firstServer, options, standalone)
  const beside = componentsOf(machine.role, standalone).filter(isSeparable)
  const services = [own, ...beside.map((name) => standaloneService(name, machine, options))]
  return [
    initFile({ shell: `${k3sPaths.bin}/busybox sh`, path: k3sPaths.bin, before: `${init}${podSubnet(machine)}` }),
    ...services.flatMap(serviceFiles),
    { path: k3sPaths.token, content: isServer ? tokens.server : tokens.agent, mode: 0o600 },
    ...nodeFiles(options),
    ...passwords.filter(({ node }) => node === machine.name).map(passwordFile),
    ...(isServer ? serverFiles(identities) : agentFiles(machine, identities)),
  ]
}

/** The image's containerd has already unpacked the pod images: its own state is small, and is copied. */
const init = `export PATH=$PATH:${k3sPaths.bin}/tools
[ -d ${k3sPaths.bin}/tools ] || {
  busybox mkdir ${k3sPaths.bin}/tools
  busybox --install -s ${k3sPaths.bin}/tools
}
[ -d ${k3sPaths.store} ] || {
  rm -rf ${k3sPaths.store}.part
  cp -a ${k3sPaths.seeded} ${k3sPaths.store}.part
  mv ${k3sPaths.store}.part ${k3sPaths.store}
}
`

/**
 * Returns the file that flannel writes once it runs, which is a while after the kubelet. k3s reports the pod network as
 * ready before that. A pod that starts in between fails, and its kubelet retries it only after ten seconds or more.
 */
function podSubnet({ podRange = '' }: MachineSpec): string {
  return `mkdir -p ${k3sPaths.flannel}
cat >${k3sPaths.flannel}/subnet.env <<END
FLANNEL_NETWORK=${podNetwork.cidr}
FLANNEL_SUBNET=${podRange.replace('.0/', '.1/')}
FLANNEL_MTU=$(cat /sys/class/net/eth0/mtu)
FLANNEL_IPMASQ=true
END
`
}

/** With its own certificate an agent is authenticated from its first request on; k3s renews it with the same key. */
function agentFiles({ name }: MachineSpec, { machines }: Identities): MachineFile[] {
  const own = machines.get(name)?.kubelet
  if (!own) throw new Error(`${name} has no kubelet identity`)
  return [
    { path: `${k3sPaths.data}/agent/client-kubelet.crt`, content: own.certificate, mode: 0o600 },
    { path: `${k3sPaths.data}/agent/client-kubelet.key`, content: own.key, mode: 0o600 },
  ]
}

function passwordFile({ password }: NodePassword): MachineFile {
  return { path: k3sPaths.nodePassword, content: `${password}\n`, mode: 0o600 }
}

/** Holdfast's authorities instead of those that k3s would make: the administrator's certificate is known before a server runs. */
function serverFiles({
  clusterAuthority,
  frontProxyAuthority,
  authorityKeys,
  serviceAccounts,
  etcdAuthority,
  etcdClient,
}: Identities): MachineFile[] {
  const authority = (name: string, certificate: string, key: string): MachineFile[] => [
    { path: `${k3sPaths.tls}/${name}.crt`, content: certificate },
    { path: `${k3sPaths.tls}/${name}.key`, content: key, mode: 0o600 },
  ]
  return [
    ...authority('server-ca', clusterAuthority, authorityKeys.cluster),
    ...authority('client-ca', clusterAuthority, authorityKeys.cluster),
    ...authority('request-header-ca', frontProxyAuthority, authorityKeys.frontProxy),
    // A server that looks up the API servers queries etcd too, with a certificate that it issues itself. Until etcd trusts
    // that, each query takes five seconds, in which the server only polls.
    ...authority('etcd/server-ca', etcdAuthority, authorityKeys.etcd),
    // A key that k3s makes is RSA, which takes a quarter of a second.
    { path: `${k3sPaths.tls}/service.key`, content: serviceKey({ serviceAccounts }), mode: 0o600 },
    { path: `${k3sPaths.holdfast}/etcd-ca.crt`, content: etcdAuthority },
    { path: `${k3sPaths.holdfast}/etcd-client.crt`, content: etcdClient.certificate },
    { path: `${k3sPaths.holdfast}/etcd-client.key`, content: etcdClient.key, mode: 0o600 },
    { path: k3sPaths.auditPolicy, content: stringify(auditPolicy) },
  ]
}

/**
 * Files of the sidecar, for the agent: links put k3s's files where they are on an upstream machine. /proc/1 is the
 * machine's own process 1, because processes are shared.
 */
export function sidecarFiles(machine: MachineSpec, identities: Identities): MachineFile[] {
  const host = '/proc/1/root'
  const links = [
    [`${host}${paths.services}`, paths.services],
    [`${host}${paths.logs}`, paths.logs],
    [`${host}${k3sPaths.tasks}`, '/run/containerd'],
    [`${host}${k3sPaths.podNetwork}`, '/etc/cni/net.d'],
  ]
  const script = links.map(([to, from]) => `rm -rf ${from}\nln -s ${to} ${from}\n`).join('')
  const { clusterAuthority } = identities
  const admin = kubeconfig('https://127.0.0.1:6443', clusterAuthority, identities.admin)
  return [
    { path: `${paths.pki}/ca.crt`, content: clusterAuthority },
    { path: paths.init, content: `#!/bin/sh\n${script}exec sleep infinity\n`, mode: 0o755 },
    ...(machine.role === 'control-plane'
      ? [
          ...pairFiles('admin', identities.admin),
          { path: `${paths.kubeconfigs}/admin.conf`, content: admin, mode: 0o600 },
        ]
      : []),
  ]
}
