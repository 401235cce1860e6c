import { stringify } from 'yaml'
import { kubeconfig } from '../../kubeconfig.ts'
import { type MachineSpec, podNetwork } from '../../machine-spec.ts'
import type { ClusterOptions } from '../distribution.ts'
import type { MachineFile } from '../files.ts'
import { initFile } from '../init.ts'
import { auditPolicy, pairFiles } from '../upstream/control-plane.ts'
import type { Identities } from '../upstream/identities.ts'
import { paths } from '../upstream/paths.ts'
import { serviceFiles } from '../upstream/service.ts'
import { apart as apartService } from './apart.ts'
import { k3sPaths } from './k3s-paths.ts'
import { agent, nodeFiles } from './node.ts'
import type { NodePassword } from './node-passwords.ts'
import { server } from './server.ts'
import { serviceKey } from './shared-secrets.ts'
import type { Tokens } from './tokens.ts'
import { type Separable, componentsOf, isSeparable } from './within.ts'

interface Surroundings {
  readonly machines: readonly MachineSpec[]
  readonly identities: Identities
  readonly tokens: Tokens
  readonly passwords: readonly NodePassword[]
  readonly options: ClusterOptions
  /** What runs beside the servers as processes of their own. */
  readonly apart: readonly Separable[]
}

/** Everything that turns the official image into this machine. */
export function k3sMachineFiles(machine: MachineSpec, surroundings: Surroundings): MachineFile[] {
  const { machines, identities, tokens, passwords, options, apart } = surroundings
  const etcd = machines.filter(({ role }) => role === 'etcd')
  const [firstServer] = machines.filter(({ role }) => role === 'control-plane')
  if (!firstServer) throw new Error('a k3s cluster has no server')
  const isServer = machine.role === 'control-plane'
  const own = isServer ? server(machine, { etcd, options, apart }) : agent(machine, firstServer, options, apart)
  const beside = componentsOf(machine.role, apart).filter(isSeparable)
  const services = [own, ...beside.map((name) => apartService(name, machine, options))]
  return [
    initFile({ shell: `${k3sPaths.bin}/busybox sh`, path: k3sPaths.bin, before: `${init}${podSubnet(machine)}` }),
    ...services.flatMap(serviceFiles),
    { path: k3sPaths.token, content: isServer ? tokens.server : tokens.agent, mode: 0o600 },
    ...nodeFiles(options),
    ...passwords.filter(({ node }) => node === machine.name).map(passwordFile),
    ...(isServer ? serverFiles(identities) : agentFiles(machine, identities)),
  ]
}

/** The pod images were unpacked by this very containerd when the image was made: what it keeps of its own is small, and is copied. */
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
 * What flannel will write once it runs, which is a while after the kubelet does: k3s has told the runtime by then that the pods' network is
 * ready, a pod that comes in between fails, and its kubelet waits for ten seconds or more before it tries again.
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

/** With a certificate of its own an agent is known from its first request on; k3s renews it with the same key. */
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

/** Authorities of ours instead of ones that k3s would make: so the administrator's certificate is known before a server runs. */
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
    // A server that is asked where the API servers are asks etcd as well, with a certificate that it issues itself. As long as etcd does
    // not know it, each answer takes five seconds, in which the server does nothing but ask itself whether there is one.
    ...authority('etcd/server-ca', etcdAuthority, authorityKeys.etcd),
    // One that k3s makes is RSA, for a quarter of a second.
    { path: `${k3sPaths.tls}/service.key`, content: serviceKey({ serviceAccounts }), mode: 0o600 },
    { path: `${k3sPaths.ours}/etcd-ca.crt`, content: etcdAuthority },
    { path: `${k3sPaths.ours}/etcd-client.crt`, content: etcdClient.certificate },
    { path: `${k3sPaths.ours}/etcd-client.key`, content: etcdClient.key, mode: 0o600 },
    { path: k3sPaths.auditPolicy, content: stringify(auditPolicy) },
  ]
}

/**
 * Beside the machine, for the agent: links make what it looks for lie where it lies on a machine of ours. /proc/1 is the machine's own
 * process 1, because processes are shared.
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
