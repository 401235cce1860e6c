import { machines } from '../../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { RecordOf } from '../../../record/records.ts'

type Sockets = RecordOf<'sockets'>
type Group = Sockets['connections'][number]

/** A connection to etcd that belongs to no declared client. `process` is '' where no process of a machine holds it. */
export interface ForeignClient {
  readonly client: string
  readonly process: string
  readonly server: string
  readonly records: readonly Sockets[]
}

/** Which process may be a client of etcd on a machine with a role; Holdfast's own may be one everywhere. */
const declared: Readonly<Record<string, string>> = {
  'kube-apiserver': 'control-plane',
  'k3s-server': 'control-plane',
  etcd: 'etcd',
}

/** Readings of one round are at most this far apart: after it, another connection may have the same port. */
const censusMs = 30_000

/** Records of etcd machines with connections of clients. */
export function censuses(recording: Recording): readonly Sockets[] {
  const etcd = new Set(machines(recording).flatMap(({ name, roles }) => (roles.includes('etcd') ? [name] : [])))
  return recording
    .of('sockets')
    .filter(({ machine, connections }) => etcd.has(machine) && connections.some(({ end }) => end === 'server'))
}

/** The clients of etcd that are neither API servers, nor members, nor Holdfast's own. */
export function foreignClients(recording: Recording): ForeignClient[] {
  return [...foreignProcesses(recording), ...hiddenClients(recording)]
}

function foreignProcesses(recording: Recording): ForeignClient[] {
  const known = machines(recording)
  const members = new Map(
    known.flatMap(({ roles, ...one }) => (roles.includes('etcd') ? [[one.address, one.name]] : [])),
  )
  return recording.of('sockets').flatMap((record) => {
    const { roles = [] } = known.find(({ name }) => name === record.machine) ?? {}
    const isAllowed = ({ process }: Group): boolean =>
      process === 'holdfast' || (roles as readonly string[]).includes(declared[process] ?? '-')
    const toEtcd = ({ end, server }: Group): boolean =>
      end === 'client' && (members.has(server) || (roles.includes('etcd') && isLoopback(server)))
    return record.connections
      .filter((group) => toEtcd(group) && group.process !== '' && !isAllowed(group))
      .map(({ process, server }) => {
        const member = members.get(server) ?? record.machine
        return { client: record.machine, process, server: member, records: [record] }
      })
  })
}

/**
 * Connections that etcd held in three readings in sequence, and that no process of a machine held in the second: those of pods, and
 * of hosts outside of the cluster.
 */
function hiddenClients(recording: Recording): ForeignClient[] {
  const held = recording
    .of('sockets')
    .flatMap((record) =>
      record.connections
        .filter(({ end, process }) => end === 'client' && process !== '')
        .map(({ client, ports }) => ({ record, client, ports: new Set(ports) })),
    )
  const byMachine = Map.groupBy(censuses(recording), ({ machine }) => machine)
  return [...byMachine].flatMap(([machine, readings]) =>
    readings.slice(2).flatMap((third, n) => {
      const first = readings[n]
      if (!first || third.at - first.at > censusMs) return []
      const later = portsOf(third)
      const hidden = [...portsOf(first)].filter(([name]) => later.has(name))
      return hidden.flatMap(([, { client, port }]) => {
        const isHeld = held.some((one) => {
          const isOwn = isLoopback(client) ? one.record.machine === machine : true
          return isOwn && one.client === client && one.ports.has(port) && near(one.record, first, third)
        })
        return isHeld
          ? []
          : [{ client: nameOf(recording, client), process: '', server: machine, records: [first, third] }]
      })
    }),
  )
}

/** A reading of the same census; it may have begun a little before or after. */
function near({ at }: Sockets, first: Sockets, third: Sockets): boolean {
  return first.at - censusMs < at && at < third.endedAt + censusMs
}

function portsOf({ connections }: Sockets): Map<string, { readonly client: string; readonly port: number }> {
  const all = connections.filter(({ end }) => end === 'server')
  return new Map(all.flatMap(({ client, ports }) => ports.map((port) => [`${client}:${port}`, { client, port }])))
}

function nameOf(recording: Recording, address: string): string {
  return machines(recording).find((one) => one.address === address)?.name ?? address
}

const isLoopback = (address: string): boolean => address.startsWith('127.')
