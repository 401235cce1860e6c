import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { eventually } from '../../../eventually.ts'
import { inTime } from '../../../in-time.ts'
import { paths } from '../../distribution/upstream/paths.ts'
import { exists } from '../absence.ts'
import { endInBackground, runFolder, startInBackground } from '../background.ts'
import { command, succeeds } from '../command.ts'
import type { ProxyCommand, ProxySettings, ProxyState } from '../etcd-proxy-protocol.ts'
import { agentAction } from './action.ts'

interface Params {
  /** The nftables table of ours that sends the API server's connections to the proxy. */
  readonly table: string
  /** Client URLs of etcd's members. */
  readonly members: readonly string[]
  readonly ttlMs: number
}

/** Not root, which is what the API server is here, and nobody else's either. */
const proxyUser = 47_110
const name = 'etcd-proxy'
const socket = `${runFolder}/etcd-proxy.sock`
const startsWithinMs = 10_000
const answersWithinMs = 5_000
const movesWithinMs = 30_000

/**
 * The API server's connections to etcd go through a proxy that holds back what etcd tells its watches. Connections that
 * are there already are reset, so that they are made again through the proxy; then it freezes. Bitten: it carries watches,
 * and is frozen. The proxy's shell removes the rules when the proxy has ended, however it did.
 */
export const freezeView = agentAction({
  name: 'freeze-view',
  do: async ({ table, members, ttlMs }: Params) => {
    const settings: ProxySettings = {
      members,
      socket,
      ttlMs,
      user: proxyUser,
      files: {
        certificate: `${paths.pki}/etcd-proxy.crt`,
        key: `${paths.pki}/etcd-proxy.key`,
        clientCertificate: `${paths.pki}/apiserver-etcd-client.crt`,
        clientKey: `${paths.pki}/apiserver-etcd-client.key`,
        authority: `${paths.pki}/etcd-ca.crt`,
      },
    }
    const program = [process.execPath, paths.etcdProxy, JSON.stringify(settings)]
    const script = 'table=$1; shift; "$@"; nft delete table ip $table'
    const { pid } = await startInBackground(name, ['sh', '-c', script, 'holdfast-etcd-proxy', table, ...program])
    const { ports } = await eventually('the proxy to listen', () => tell('state'), { withinMs: startsWithinMs })
    await command('nft', [rules(table, ports)])
    // Those that were there would go on past the proxy; where the kernel can't end them the rules do with their next packet.
    for (const member of members) {
      const { hostname, port } = new URL(member)
      await succeeds('ss', ['--kill', '--tcp', 'dst', hostname, 'dport', '=', `:${port}`])
    }
    const moved = await eventually(
      'the watches of the API server to go through the proxy',
      async () => {
        const seen = await tell('state')
        return seen.watches > 0 && seen
      },
      { withinMs: movesWithinMs, everyMs: 20 },
    )
    const { frozen } = await tell('freeze')
    return { table, proxy: pid, connections: moved.connections, watches: moved.watches, frozen }
  },
  undo: async ({ table }) => {
    // First of all: whatever the proxy does from here on, new connections go to etcd.
    const removed = await succeeds('nft', ['delete', 'table', 'ip', table])
    // A proxy that can't be told is ended all the same; what it held is not known then.
    const last = await tell('leave').catch(() => undefined)
    if (last) await eventually('the proxy to leave', async () => !(await listens()), { withinMs: startsWithinMs })
    await endInBackground(name)
    await rm(socket, { force: true })
    if ((await command('nft', ['list', 'tables'])).includes(table)) throw new Error(`table ${table} is still there`)
    return { table, removed, ...(last ? { released: last.held, releasedBytes: last.heldBytes } : {}) }
  },
  proof: async () => {
    const { frozen, watches, held, heldBytes, calls } = await tell('state')
    return { frozen, watches, held, heldBytes, calls }
  },
})

/**
 * The API server is root here and the proxy is not. A connection that goes to the proxy has its address from the first
 * chain already when it comes to the second.
 */
function rules(table: string, ports: Readonly<Record<string, number>>): string {
  const members = Object.entries(ports).map(([member, port]) => ({ ...hostAndPort(member), proxy: port }))
  const to = members.map(({ host, port, proxy }) => ({
    redirect: `meta skuid 0 ip daddr ${host} tcp dport ${port} counter redirect to :${proxy}`,
    reset: `meta skuid 0 ip daddr ${host} tcp dport ${port} counter reject with tcp reset`,
  }))
  return `table ip ${table} {
 chain to_proxy {
  type nat hook output priority -110; policy accept;
  ${to.map(({ redirect }) => redirect).join('\n  ')}
 }
 chain past_proxy {
  type filter hook output priority 0; policy accept;
  ${to.map(({ reset }) => reset).join('\n  ')}
 }
}`
}

function hostAndPort(member: string): { host: string; port: string } {
  const { hostname, port } = new URL(member)
  return { host: hostname, port }
}

/** @throws when the proxy does not answer in time: it may be stopped */
async function tell(what: ProxyCommand): Promise<ProxyState> {
  return inTime(`The proxy did not answer "${what}"`, { withinMs: answersWithinMs }, async (signal) => {
    const connection = connect({ path: socket })
    signal.addEventListener('abort', () => connection.destroy(), { once: true })
    await once(connection, 'connect')
    connection.write(`${what}\n`)
    return JSON.parse(await text(connection)) as ProxyState
  })
}

async function listens(): Promise<boolean> {
  if (!exists(socket)) return false
  return tell('state').then(
    () => true,
    () => false,
  )
}
