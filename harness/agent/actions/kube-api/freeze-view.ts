import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { eventually } from '../../../common/eventually.ts'
import { inTime } from '../../../common/in-time.ts'
import { paths } from '../../paths.ts'
import { exists } from '../../ttl/absence.ts'
import { endInBackground, runFolder, startInBackground } from '../../processes/background.ts'
import { command, tryCommand } from '../../processes/command.ts'
import type { ProxyCommand, ProxySettings, ProxyState } from '../../rpc/etcd-proxy-protocol.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Holdfast's nftables table that sends the API server's connections to the proxy. */
  readonly table: string
  /** Client URLs of etcd's members. */
  readonly members: readonly string[]
  readonly ttlMs: number
}

/** Not root, as which the API server runs here, and not the user of any other process. */
const proxyUser = 47_110
const name = 'etcd-proxy'
const socket = `${runFolder}/etcd-proxy.sock`
const startsWithinMs = 10_000
const answersWithinMs = 5_000
const movesWithinMs = 30_000

/**
 * Sends the API server's etcd connections through a proxy that holds back watch responses. Existing connections are reset,
 * so that the API server reconnects through the proxy; then the proxy freezes. When the proxy ends, for any reason, its
 * shell removes the rules.
 * Effect confirmed when the proxy carries watches and is frozen.
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
    const { ports } = await eventually('the proxy to listen', () => send('state'), { timeoutMs: startsWithinMs })
    await command('nft', [rules(table, ports)])
    // Existing connections would bypass the proxy. Where the kernel can't end them, the rules reset them at their next
    // packet.
    for (const member of members) {
      const { hostname, port } = new URL(member)
      await tryCommand('ss', ['--kill', '--tcp', 'dst', hostname, 'dport', '=', `:${port}`])
    }
    const moved = await eventually(
      'the watches of the API server to go through the proxy',
      async () => {
        const seen = await send('state')
        return seen.watches > 0 && seen
      },
      { timeoutMs: movesWithinMs, intervalMs: 20 },
    )
    const { frozen } = await send('freeze')
    return { table, proxy: pid, connections: moved.connections, watches: moved.watches, frozen }
  },
  undo: async ({ table }) => {
    // Rules first: from here on, new connections go to etcd directly.
    const removed = await tryCommand('nft', ['delete', 'table', 'ip', table])
    // A proxy that does not answer is ended anyway; its last counters are then unknown.
    const last = await send('leave').catch(() => undefined)
    if (last) await eventually('the proxy to leave', async () => !(await listens()), { timeoutMs: startsWithinMs })
    await endInBackground(name)
    await rm(socket, { force: true })
    if ((await command('nft', ['list', 'tables'])).includes(table)) throw new Error(`table ${table} still exists`)
    return { table, removed, ...(last ? { released: last.held, releasedBytes: last.heldBytes } : {}) }
  },
  evidence: async () => {
    const { frozen, watches, held, heldBytes, calls } = await send('state')
    return { frozen, watches, held, heldBytes, calls }
  },
})

/**
 * The API server runs as root here and the proxy does not. A connection that the first chain redirects already has the
 * proxy's address in the second chain.
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
async function send(what: ProxyCommand): Promise<ProxyState> {
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
  return send('state').then(
    () => true,
    () => false,
  )
}
