import { type MachineSpec, isNode, serviceNetwork } from '../../machine/machine-spec.ts'
import { Authority, type KeyPair, signingKeys } from '../../pki.ts'

/** The keys and certificates of a cluster's components. They exist in memory and in the machines only. */
export interface Identities {
  readonly clusterAuthority: string
  readonly etcdAuthority: string
  readonly frontProxyAuthority: string
  /** The authorities' own keys, for a distribution that issues certificates itself. */
  readonly authorityKeys: { readonly cluster: string; readonly etcd: string; readonly frontProxy: string }
  readonly serviceAccounts: { readonly publicKey: string; readonly privateKey: string }
  readonly admin: KeyPair
  readonly scheduler: KeyPair
  readonly controllerManager: KeyPair
  readonly kubeProxy: KeyPair
  readonly flannel: KeyPair
  readonly kubeletClient: KeyPair
  readonly etcdClient: KeyPair
  readonly frontProxyClient: KeyPair
  /** By machine name: serving certificates of an etcd member, an API server or a kubelet (whose client certificate it is too). */
  readonly machines: ReadonlyMap<string, MachineIdentity>
}

export interface MachineIdentity {
  readonly etcdServer?: KeyPair
  readonly etcdPeer?: KeyPair
  readonly apiServer?: KeyPair
  /** For a proxy between an API server and etcd: valid for every member's address. */
  readonly etcdProxy?: KeyPair
  readonly kubelet?: KeyPair
}

export async function createIdentities(machines: readonly MachineSpec[]): Promise<Identities> {
  const [cluster, etcd, frontProxy] = await Promise.all([
    Authority.create('holdfast-cluster'),
    Authority.create('holdfast-etcd'),
    Authority.create('holdfast-front-proxy'),
  ])
  const machineIdentities = new Map<string, MachineIdentity>()
  const members = machines.filter(({ role }) => role === 'etcd').map(({ address }) => address)
  for (const machine of machines)
    machineIdentities.set(machine.name, await machineIdentity(machine, members, cluster, etcd))
  return {
    clusterAuthority: cluster.certificate,
    etcdAuthority: etcd.certificate,
    frontProxyAuthority: frontProxy.certificate,
    authorityKeys: { cluster: cluster.key, etcd: etcd.key, frontProxy: frontProxy.key },
    serviceAccounts: await signingKeys(),
    admin: await cluster.issue({ commonName: 'holdfast-admin', organization: 'system:masters' }),
    scheduler: await cluster.issue({ commonName: 'system:kube-scheduler' }),
    controllerManager: await cluster.issue({ commonName: 'system:kube-controller-manager' }),
    kubeProxy: await cluster.issue({ commonName: 'system:kube-proxy' }),
    flannel: await cluster.issue({ commonName: 'holdfast:flannel' }),
    kubeletClient: await cluster.issue({ commonName: 'kube-apiserver-kubelet-client', organization: 'system:masters' }),
    etcdClient: await etcd.issue({ commonName: 'kube-apiserver-etcd-client' }),
    frontProxyClient: await frontProxy.issue({ commonName: 'front-proxy-client' }),
    machines: machineIdentities,
  }
}

async function machineIdentity(
  machine: MachineSpec,
  members: readonly string[],
  cluster: Authority,
  etcd: Authority,
): Promise<MachineIdentity> {
  const { name, address, peerAddress } = machine
  const local = [name, 'localhost', '127.0.0.1', address]
  if (machine.role === 'etcd') {
    return {
      etcdServer: await etcd.issue({ commonName: name, names: local }),
      etcdPeer: await etcd.issue({ commonName: name, names: [name, peerAddress ?? address] }),
    }
  }
  const kubelet = isNode(machine)
    ? await cluster.issue({ commonName: `system:node:${name}`, organization: 'system:nodes', names: local })
    : undefined
  const apiServer =
    machine.role === 'control-plane'
      ? await cluster.issue({ commonName: 'kube-apiserver', names: [...local, ...apiServerNames] })
      : undefined
  const etcdProxy = apiServer && (await etcd.issue({ commonName: 'holdfast-etcd-proxy', names: members }))
  return { ...(kubelet ? { kubelet } : {}), ...(apiServer ? { apiServer } : {}), ...(etcdProxy ? { etcdProxy } : {}) }
}

const apiServerNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  serviceNetwork.apiServer,
]
