import type { MachineSpec } from '../../machine/machine-spec.ts'
import type { MachineFile } from '../files.ts'
import type { Identities } from './identities.ts'
import { paths } from '../../../agent/paths.ts'
import { type Service, serviceFiles } from './service.ts'

/** etcd as documented for clusters: mutual TLS for clients and peers, peers on their own network. */
export function etcdFiles(
  machine: MachineSpec,
  members: readonly MachineSpec[],
  identities: Identities,
): MachineFile[] {
  const own = identities.machines.get(machine.name)
  if (!own?.etcdServer || !own.etcdPeer || !machine.peerAddress) throw new Error(`${machine.name} has no etcd identity`)
  return [
    ...serviceFiles(etcdService(machine, members)),
    { path: `${paths.etcdPki}/ca.crt`, content: identities.etcdAuthority },
    { path: `${paths.etcdPki}/server.crt`, content: own.etcdServer.certificate },
    { path: `${paths.etcdPki}/server.key`, content: own.etcdServer.key, mode: 0o600 },
    { path: `${paths.etcdPki}/peer.crt`, content: own.etcdPeer.certificate },
    { path: `${paths.etcdPki}/peer.key`, content: own.etcdPeer.key, mode: 0o600 },
    { path: `${paths.etcdPki}/client.crt`, content: identities.etcdClient.certificate },
    { path: `${paths.etcdPki}/client.key`, content: identities.etcdClient.key, mode: 0o600 },
  ]
}

function etcdService(machine: MachineSpec, members: readonly MachineSpec[]): Service {
  const waitsFor = factsBeforeStart(machine, members)
  return {
    name: 'etcd',
    command: 'etcd',
    ...(waitsFor.length > 0 ? { awaitsOnce: waitsFor.join(' && ') } : {}),
    flags: {
      name: machine.name,
      'data-dir': '/var/lib/etcd/data',
      'initial-cluster': members.map((member) => `${member.name}=${peerUrl(member)}`).join(','),
      'initial-cluster-state': 'new',
      'initial-advertise-peer-urls': peerUrl(machine),
      'listen-peer-urls': peerUrl(machine),
      'advertise-client-urls': `https://${machine.address}:2379`,
      'listen-client-urls': `https://${machine.address}:2379,https://127.0.0.1:2379`,
      'heartbeat-interval': 100,
      'election-timeout': 1000,
      'client-cert-auth': true,
      'trusted-ca-file': `${paths.etcdPki}/ca.crt`,
      'cert-file': `${paths.etcdPki}/server.crt`,
      'key-file': `${paths.etcdPki}/server.key`,
      'peer-client-cert-auth': true,
      'peer-trusted-ca-file': `${paths.etcdPki}/ca.crt`,
      'peer-cert-file': `${paths.etcdPki}/peer.crt`,
      'peer-key-file': `${paths.etcdPki}/peer.key`,
    },
  }
}

const peerUrl = (member: MachineSpec): string => `https://${member.peerAddress}:2380`

/**
 * A member without data requests the member list from the others, and waits a second for each that does not answer: one
 * whose machine is not on the network yet, and one that starts in the same moment. So the first one starts when the others
 * refuse connections, and they start once it answers.
 */
function factsBeforeStart(machine: MachineSpec, members: readonly MachineSpec[]): string[] {
  const [first, ...others] = members
  if (!first) return []
  return first === machine ? others.map((other) => isThere(peerUrl(other))) : [answers(peerUrl(first))]
}

function isThere(peerUrl: string): string {
  const timedOut = 28
  return `{ curl --silent --connect-timeout 0.1 --max-time 2 --output /dev/null ${peerUrl}; [ $? -ne ${timedOut} ]; }`
}

function answers(peerUrl: string): string {
  const pki = (option: string, name: string): string => `--${option} ${paths.etcdPki}/${name}`
  return `curl --http1.1 --silent --fail --max-time 2 --output /dev/null ${pki('cacert', 'ca.crt')} ${pki('cert', 'peer.crt')} ${pki('key', 'peer.key')} ${peerUrl}/members`
}
