import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../../common/error-message.mjs'
import { paths } from '../paths.ts'
import { unreadable } from '../../common/unreadable.ts'
import { exists, isAbsent, unlessAbsent } from './absence.ts'
import { runFolder } from '../processes/background.ts'
import { cgroupRoot, unified } from '../kernel/cgroups.ts'
import { command } from '../processes/command.ts'
import { ownProcesses } from '../processes/own-processes.ts'
import type { Residue } from '../rpc/results.ts'
import { saves } from './saved.ts'

/** The folders to read: a test has its own. */
interface Places {
  readonly appliedFaults: string
  /** The root of the cgroups. */
  readonly groups: string
}

const defaults: Places = { appliedFaults: paths.appliedFaults, groups: cgroupRoot }

/**
 * Returns everything in a machine that a fault could leave behind, as lines to compare with earlier ones. Only Holdfast
 * makes the kinds `of ours`. What comes and goes with pods (their bridge, links, mounts, rules) is left out, because no
 * fault makes it. A kind that can't be read is not empty: it is missing, and `could not read` has the reason.
 */
export async function residue(_: object = {}, { appliedFaults, groups }: Places = defaults): Promise<Residue> {
  // Before any program runs: a child of this agent has its name until the exec.
  const processes = await reading('processes', ownProcesses)
  const others = await Promise.all([
    reading('cgroups', () => cgroups(groups)),
    reading('nft tables', nftTables),
    reading('iptables rule of ours', iptablesRules),
    // The pods' bridge appears with a machine's first pod, and has no carrier after the last has gone.
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
    reading('file of ours', holdfastFiles),
    reading('conntrack entry of ours', holdfastConntrackEntries),
    reading('lease', async () => (await unlessAbsent(readdir(appliedFaults))) ?? []),
  ])
  const all = [processes, ...others]
  const failed = all.flatMap((one) => one[unreadable] ?? [])
  return Object.assign({}, ...all, failed.length > 0 ? { [unreadable]: failed } : {}) as Residue
}

/** Returns the lines of one kind, or of several that are read together; or the reason why they can't be read. */
async function reading(what: string, read: () => Promise<readonly string[] | Residue>): Promise<Residue> {
  try {
    const found = await read()
    return isLines(found) ? { [what]: found } : found
  } catch (error) {
    return { [unreadable]: [`${what}: ${errorMessage(error)}`] }
  }
}

const isLines = (found: readonly string[] | Residue): found is readonly string[] => Array.isArray(found)

async function lines(name: string, args: readonly string[]): Promise<string[]> {
  return (await command(name, args))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Leaves out the tables that iptables makes on every read: their content is read by its name. */
async function nftTables(): Promise<Residue> {
  const tables = await lines('nft', ['list', 'tables'])
  const others = tables.filter((line) => !/^table ip6? (raw|mangle|nat|filter|security)$/.test(line))
  return {
    'nft table': others.filter((line) => !namesHoldfast(line)),
    'nft table of ours': others.filter(namesHoldfast),
  }
}

/**
 * What Holdfast makes is named after its fault. The pod network's name is `holdfast` alone, and is in the rule of each pod
 * with a host port.
 */
function namesHoldfast(line: string): boolean {
  return /holdfast[-_]/i.test(line)
}

/**
 * Holdfast's rules and chains have its name; the others are kube-proxy's (which may name a Holdfast namespace), flannel's
 * and the pods'.
 */
async function iptablesRules(): Promise<string[]> {
  // A kernel without IPv6 has no rules for it, and its program fails.
  const programs = ['iptables-save', ...(exists('/proc/net/if_inet6') ? ['ip6tables-save'] : [])]
  const saved = await Promise.all(programs.map((save) => lines(save, [])))
  return saved
    .flat()
    .filter((line) => /^(-A |:)(?!KUBE-)/.test(line) && namesHoldfast(line))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
}

/** No other program here marks connections. Without their age, which changes by itself. */
async function holdfastConntrackEntries(): Promise<string[]> {
  const all = await lines('conntrack', ['-L'])
  return all.filter((line) => /mark=[1-9]/.test(line)).map((line) => line.replace(/ \d+ /, ' '))
}

/** "eth0 UP": the name, and whether the link is up. */
function linkState(line: string): string {
  const [, name = '', flags = ''] = /^\d+: ([^:@]+)[^<]*<([^>]*)>/.exec(line) ?? []
  return `${name} ${flags.split(',').includes('UP') ? 'up' : 'down'}`
}

/** Without the mounts of pods, and those that the runtime makes while it creates a container. */
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

/** Loop devices are the host's, and every machine lists all of them: only those whose file is in this machine count. */
async function loopDevices(): Promise<string[]> {
  const listed = await lines('losetup', ['--list', '--noheadings', '--raw', '--output', 'BACK-INO,BACK-FILE'])
  const files = listed
    .map((line) => line.split(' '))
    .map(([inode = '', ...words]) => ({ inode, path: words.join(' ') }))
  const stillThere = await Promise.all(files.map(async ({ inode, path }) => String(await inodeOf(path)) === inode))
  return files.filter((_, n) => stillThere[n]).map(({ path }) => path)
}

/** The path is one of the host's: in this machine it may not exist, or lead through a file. */
async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Cgroups that the kernel holds frozen, as runc freezes a container's while it ends its processes, and Holdfast's; on v1 and v2. */
async function cgroups(root: string): Promise<Residue> {
  const frozen: string[] = []
  const holdfastCgroups: string[] = []
  const walk = async (folder: string): Promise<void> => {
    // Groups disappear during the walk.
    const entries = (await unlessAbsent(readdir(folder, { withFileTypes: true }))) ?? []
    const state = entries.find(({ name }) => name === 'freezer.state' || name === 'cgroup.freeze')
    const text = state ? await unlessAbsent(readFile(join(folder, state.name), 'utf8')) : undefined
    if (namesHoldfast(folder)) holdfastCgroups.push(folder)
    else if (/^(FROZEN|FREEZING|1)\b/.test(text ?? '')) frozen.push(folder)
    await Promise.all(entries.filter((entry) => entry.isDirectory()).map(({ name }) => walk(join(folder, name))))
  }
  const trees = unified ? ['.'] : ['freezer', 'cpu', 'memory']
  await Promise.all(trees.map((controller) => walk(join(root, controller))))
  return { 'frozen cgroup': frozen, 'cgroup of ours': holdfastCgroups }
}

/** Names and sizes of the files that a component reads at its start. */
function configuration(): Promise<string[]> {
  return found(
    ['/etc/cni/net.d', '/etc/kubernetes', '/etc/etcd', '/opt/cni/bin'],
    ['-type', 'f', '-printf', '%p %s\\n'],
  )
}

async function holdfastFiles(): Promise<string[]> {
  const [named, running, kept] = await Promise.all([
    // etcd's data and containerd's are separate file systems.
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
    // State saved for a restore, and run scripts that a fault changed, with the original beside them.
    found([saves, paths.services], ['-name', '*holdfast*']),
  ])
  return [...new Set([...named, ...running]), ...kept]
}

/** Lists files. A missing folder is empty; a folder may be a link, and its files may disappear during the walk. */
async function found(folders: readonly string[], which: readonly string[]): Promise<string[]> {
  const there = folders.filter(exists)
  return there.length === 0 ? [] : lines('find', ['-H', ...there, '-ignore_readdir_race', ...which])
}
