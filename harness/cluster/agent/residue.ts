import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { paths } from '../distribution/upstream/paths.ts'
import { unreadable } from '../unreadable.ts'
import { exists, isAbsent, unlessAbsent } from './absence.ts'
import { runFolder } from './background.ts'
import { cgroupRoot, unified } from './cgroups.ts'
import { command } from './command.ts'
import { ownProcesses } from './own-processes.ts'
import type { Residue } from './protocol.ts'
import { saves } from './saved.ts'

/** Where it looks: a test has places of its own. */
interface Places {
  readonly leases: string
  /** The root of the control groups. */
  readonly groups: string
}

const defaults: Places = { leases: paths.leases, groups: cgroupRoot }

/**
 * Everything in a machine that a fault could leave behind, as lines that can be compared with those from before. Kinds `of ours`
 * are what nobody else makes. What comes and goes with pods (their bridge, links, mounts, rules) is left out: it is no fault's.
 * A kind that can't be read is not empty: it is missing, and stands under `could not read` with the reason.
 */
export async function residue(_: object = {}, { leases, groups }: Places = defaults): Promise<Residue> {
  // Before anything is run: a child of this agent carries its name until it has become what it is to run.
  const processes = await reading('processes', ownProcesses)
  const others = await Promise.all([
    reading('cgroups', () => cgroups(groups)),
    reading('nft tables', nftTables),
    reading('iptables rule of ours', iptablesRules),
    // The pods' bridge comes with a machine's first pod, and has no carrier once the last has gone.
    reading('qdisc', async () =>
      (await lines('tc', ['qdisc', 'show']))
        .filter((line) => !/ dev (veth|cni0)/.test(line))
        .map((line) => line.replace(/ [0-9a-f]+: /, ' ')),
    ),
    reading('route', async () =>
      (await lines('ip', ['route', 'show', 'table', 'all'])).filter(
        (line) => !/veth|cni0|^broadcast|^local|^anycast|^multicast|fe80:/.test(line),
      ),
    ),
    reading('link', async () =>
      (await lines('ip', ['-o', 'link', 'show'])).map(linkState).filter((line) => !/^(veth|cni0)/.test(line)),
    ),
    reading('mount', ownMounts),
    reading('loop device', loopDevices),
    reading('file', configuration),
    reading('file of ours', filesOfOurs),
    reading('conntrack entry of ours', conntrackOfOurs),
    reading('lease', async () => (await unlessAbsent(readdir(leases))) ?? []),
  ])
  const all = [processes, ...others]
  const failed = all.flatMap((one) => one[unreadable] ?? [])
  return Object.assign({}, ...all, failed.length > 0 ? { [unreadable]: failed } : {}) as Residue
}

/** The lines of one kind, or of several that are read together; or why they can't be read. */
async function reading(what: string, read: () => Promise<readonly string[] | Residue>): Promise<Residue> {
  try {
    const found = await read()
    return isLines(found) ? { [what]: found } : found
  } catch (error) {
    return { [unreadable]: [`${what}: ${error instanceof Error ? error.message : String(error)}`] }
  }
}

const isLines = (found: readonly string[] | Residue): found is readonly string[] => Array.isArray(found)

async function lines(name: string, args: readonly string[]): Promise<string[]> {
  return (await command(name, args))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Those that iptables makes for itself as soon as anybody asks are left out: what is in them is looked at by its name. */
async function nftTables(): Promise<Residue> {
  const tables = await lines('nft', ['list', 'tables'])
  const others = tables.filter((line) => !/^table ip6? (raw|mangle|nat|filter|security)$/.test(line))
  return {
    'nft table': others.filter((line) => !isOurs(line)),
    'nft table of ours': others.filter(isOurs),
  }
}

/** What we make is named for its lease. The pod network's name is `holdfast` alone, and stands in the rule of each pod with a port of its host. */
function isOurs(line: string): boolean {
  return /holdfast[-_]/i.test(line)
}

/** Rules and chains of ours carry our name; the others are kube-proxy's (which may name a namespace of ours), flannel's and the pods'. */
async function iptablesRules(): Promise<string[]> {
  // A kernel without IPv6 has no rules for it, and its program fails.
  const programs = ['iptables-save', ...(exists('/proc/net/if_inet6') ? ['ip6tables-save'] : [])]
  const saved = await Promise.all(programs.map((save) => lines(save, [])))
  return saved
    .flat()
    .filter((line) => /^(-A |:)(?!KUBE-)/.test(line) && isOurs(line))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
}

/** Nobody else here marks connections. Without their age, which changes by itself. */
async function conntrackOfOurs(): Promise<string[]> {
  const all = await lines('conntrack', ['-L'])
  return all.filter((line) => /mark=[1-9]/.test(line)).map((line) => line.replace(/ \d+ /, ' '))
}

/** "eth0 UP": its name and whether it is up. */
function linkState(line: string): string {
  const [, name = '', flags = ''] = /^\d+: ([^:@]+)[^<]*<([^>]*)>/.exec(line) ?? []
  return `${name} ${flags.split(',').includes('UP') ? 'up' : 'down'}`
}

/** Without those of pods, and of what the runtime looks into while it makes a container. */
async function ownMounts(): Promise<string[]> {
  const text = await readFile('/proc/1/mountinfo', 'utf8')
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , , , point = '', ...rest]) => `${point} ${rest[rest.indexOf('-') + 1] ?? ''}`)
    .filter(
      (line) =>
        line.startsWith('/') &&
        !/^\/(proc|sys|dev|run\/netns|run\/containerd|run\/k3s|var\/lib\/kubelet\/pods|var\/lib\/rancher\/k3s\/agent\/containerd|var\/lib\/containerd\/tmpmounts|tmp\/ctd-volume)/.test(
          line,
        ),
    )
}

/** Loop devices are the host's, and every machine sees those of all: only those count whose file is in this one. */
async function loopDevices(): Promise<string[]> {
  const listed = await lines('losetup', ['--list', '--noheadings', '--raw', '--output', 'BACK-INO,BACK-FILE'])
  const files = listed
    .map((line) => line.split(' '))
    .map(([inode = '', ...words]) => ({ inode, path: words.join(' ') }))
  const ours = await Promise.all(files.map(async ({ inode, path }) => String(await inodeOf(path)) === inode))
  return files.filter((_, n) => ours[n]).map(({ path }) => path)
}

/** The path is one of the host's: here it may not be, or lead through what is no folder. */
async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Those that the kernel holds frozen, as runc does with a container's while it ends its processes, and those of ours; on cgroup v1 and v2. */
async function cgroups(root: string): Promise<Residue> {
  const frozen: string[] = []
  const ours: string[] = []
  const walk = async (folder: string): Promise<void> => {
    // Groups go while they are looked at.
    const entries = (await unlessAbsent(readdir(folder, { withFileTypes: true }))) ?? []
    const state = entries.find(({ name }) => name === 'freezer.state' || name === 'cgroup.freeze')
    const text = state ? await unlessAbsent(readFile(join(folder, state.name), 'utf8')) : undefined
    if (isOurs(folder)) ours.push(folder)
    else if (/^(FROZEN|FREEZING|1)\b/.test(text ?? '')) frozen.push(folder)
    await Promise.all(entries.filter((entry) => entry.isDirectory()).map(({ name }) => walk(join(folder, name))))
  }
  const trees = unified ? ['.'] : ['freezer', 'cpu', 'memory']
  await Promise.all(trees.map((controller) => walk(join(root, controller))))
  return { 'frozen cgroup': frozen, 'cgroup of ours': ours }
}

/** Names and sizes of what a component reads at its start. */
function configuration(): Promise<string[]> {
  return found(
    ['/etc/cni/net.d', '/etc/kubernetes', '/etc/etcd', '/opt/cni/bin'],
    ['-type', 'f', '-printf', '%p %s\\n'],
  )
}

async function filesOfOurs(): Promise<string[]> {
  const [named, running, kept] = await Promise.all([
    // etcd's data and containerd's are file systems of their own.
    found(
      ['/var', '/var/lib/etcd', '/tmp', '/run'],
      [
        '-xdev',
        '-name',
        '*holdfast*',
        ...['/var/log/*', '*/cni/*', runFolder].flatMap((path) => ['-not', '-path', path]),
      ],
    ),
    found([runFolder], ['-mindepth', '1']),
    // What is kept to be put back, and a run script that a fault has changed, with the one from before beside it.
    found([saves, paths.services], ['-name', '*holdfast*']),
  ])
  return [...new Set([...named, ...running]), ...kept]
}

/** A folder that is not there has nothing in it; one may be a link to where it is, and its files may go while they are looked at. */
async function found(folders: readonly string[], which: readonly string[]): Promise<string[]> {
  const there = folders.filter(exists)
  return there.length === 0 ? [] : lines('find', ['-H', ...there, '-ignore_readdir_race', ...which])
}
