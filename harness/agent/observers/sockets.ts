import { readFile, readdir, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import { componentProcesses } from '../processes/component-processes.ts'
import { unlessAbsent } from '../ttl/absence.ts'

type Sockets = Pick<RecordOf<'sockets'>, 'at' | 'endedAt' | 'connections'>
type Group = Sockets['connections'][number]

/**
 * Returns the established TCP connections of this machine's network namespace with `port` at either end, with the process that holds
 * each. A forwarded connection, such as that of a pod, has no end here.
 */
export async function sockets(port: number, proc = '/proc'): Promise<Sockets> {
  const at = now()
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => unlessAbsent(readFile(`${proc}/net/${name}`, 'utf8'))))
  const found = tables.flatMap((table) => connectionsIn(table ?? ''))
  const ends = found.flatMap((one) => [
    ...(one.local.port === port
      ? [{ end: 'server', server: one.local, client: one.remote, inode: one.inode } as const]
      : []),
    ...(one.remote.port === port
      ? [{ end: 'client', server: one.remote, client: one.local, inode: one.inode } as const]
      : []),
  ])
  const holders = await processesOf(new Set(ends.map(({ inode }) => inode)), proc)
  const single = ends.map(({ end, client, server, inode }): Group => {
    const process = holders.get(inode) ?? ''
    return { end, process, client: client.address, server: server.address, ports: [client.port] }
  })
  return { at, endedAt: now(), connections: grouped(single) }
}

function grouped(all: readonly Group[]): Group[] {
  const groups = Map.groupBy(all, ({ end, process, client, server }) => `${end} ${process} ${client} ${server}`)
  return [...groups.values()].flatMap((own) =>
    own[0] ? [{ ...own[0], ports: own.flatMap(({ ports }) => ports) }] : [],
  )
}

interface End {
  readonly address: string
  readonly port: number
}

interface Connection {
  readonly local: End
  readonly remote: End
  readonly inode: string
}

const established = '01'

/** Format: proc_pid_net(5). Addresses are hexadecimal words in the byte order of the host. */
export function connectionsIn(table: string): Connection[] {
  return table.split('\n').flatMap((line) => {
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/)
    return state === established && local && remote && inode
      ? [{ local: endOf(local), remote: endOf(remote), inode }]
      : []
  })
}

/** An IPv6 socket with an IPv4 peer has a mapped address, whose last word is the IPv4 address. */
function endOf(hex: string): End {
  const [words = '', port = ''] = hex.split(':')
  const isFour = words.length === 8 || /^0{16}FFFF0000/i.test(words)
  const bytes = (words.slice(-8).match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16))
  return { address: isFour ? bytes.join('.') : words, port: Number.parseInt(port, 16) }
}

/** The names of the processes that have these sockets open, by inode. */
async function processesOf(inodes: ReadonlySet<string>, proc: string): Promise<Map<string, string>> {
  const holders = new Map<string, string>()
  if (inodes.size === 0) return holders
  const components = new Map((await componentProcesses(proc)).map(({ pid, component }) => [String(pid), component]))
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name))
  const unreadable: unknown[] = []
  for (const pid of pids) {
    const all = await openSockets(`${proc}/${pid}/fd`).catch((error: unknown) => void unreadable.push(error))
    const open = (all ?? []).filter((inode) => inodes.has(inode))
    if (open.length === 0) continue
    const name = components.get(pid) ?? (await nameOf(pid, proc))
    for (const inode of open) holders.set(inode, name)
  }
  // A process that can't be read may hold what no other one does.
  if (unreadable.length > 0 && holders.size < inodes.size) throw unreadable[0]
  return holders
}

async function openSockets(folder: string): Promise<string[]> {
  const files = (await unlessAbsent(readdir(folder))) ?? []
  const targets = await Promise.all(files.map((file) => unlessAbsent(readlink(`${folder}/${file}`))))
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1] ?? [])
}

/** Holdfast's programs are this agent, its children, and what it started in the background. */
async function nameOf(pid: string, proc: string): Promise<string> {
  const stat = (await unlessAbsent(readFile(`${proc}/${pid}/stat`, 'utf8'))) ?? ''
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const own = String(process.pid)
  const words = ((await unlessAbsent(readFile(`${proc}/${pid}/cmdline`, 'utf8'))) ?? '').split('\0')
  if (pid === own || parent === own || words.some((word) => word.startsWith('/opt/holdfast/'))) return 'holdfast'
  return basename(words[0] ?? '')
}
