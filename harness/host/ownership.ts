import { readFileSync, readlinkSync } from 'node:fs'
import { homedir, hostname, userInfo } from 'node:os'
import { z } from 'zod'
import { type ProcessIdentity, type ProcessLife, lifeOfProcess, thisProcess } from '../common/process-identity.ts'

/** The process that created an object, with facts that other processes can compare with their own. */
const ownerSchema = z.object({
  pid: z.number(),
  startedAt: z.string(),
  /** The kernel's boot id: the same in all containers of a host, different after a reboot. '' if unknown. */
  boot: z.string(),
  /** '' if unknown: then pids can't be compared. */
  pidNamespace: z.string(),
  machine: z.string(),
  hostname: z.string(),
  user: z.string(),
  home: z.string(),
  /** The run's folder on the owner's host. */
  folder: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
})

export type Owner = z.infer<typeof ownerSchema>

/** `unknown`: this process can't verify it. Only `dead` allows removal. */
export type Life = ProcessLife

/** Facts about this process, to compare owners with. */
export interface Here extends Pick<Owner, 'boot' | 'pidNamespace' | 'machine' | 'hostname'> {
  /** Whether the engine, and so its clients, run on this host. */
  readonly localEngine: boolean
  readonly lifeOf: (identity: ProcessIdentity) => Life
}

export function thisOwner(folder: string): Owner {
  const { localEngine: _, lifeOf: __, ...place } = here(false)
  const createdAt = new Date().toISOString()
  return { ...thisProcess(), ...place, user: userName(), home: homedir(), folder, createdAt }
}

export function here(localEngine: boolean): Here {
  return {
    boot: read('/proc/sys/kernel/random/boot_id'),
    pidNamespace: pidNamespace(),
    machine: read('/etc/machine-id'),
    hostname: hostname(),
    localEngine,
    lifeOf: lifeOfProcess,
  }
}

/** Parses an owner label; undefined if it is invalid, for example from another version. */
export function parseOwner(text: string | undefined): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

/**
 * Whether an owner is alive. A process in another pid namespace or on another host can't be checked; one from before this host's
 * reboot is dead.
 */
export function lifeOf(owner: Owner | undefined, from: Here): Life {
  if (!owner) return 'unknown'
  const sameHost = owner.hostname === from.hostname && owner.machine === from.machine
  const sameBoot = owner.boot === from.boot && (owner.boot !== '' || sameHost)
  if (sameBoot) {
    const comparable =
      owner.pidNamespace === from.pidNamespace && (from.pidNamespace !== '' || process.platform !== 'linux')
    return comparable ? from.lifeOf(owner) : 'unknown'
  }
  // Hosts made from the same image may share name and machine id, but not a local engine.
  return from.localEngine && sameHost && owner.machine !== '' && from.boot !== '' && owner.boot !== ''
    ? 'dead'
    : 'unknown'
}

/** Whether the owner is the same user with the same home on the same host. */
export function isMine({ user, home, hostname: name }: Owner): boolean {
  return user === userName() && home === homedir() && name === hostname()
}

export function formatOwner({ pid, user, hostname: name, home, createdAt }: Owner): string {
  return `process ${pid} of ${user}@${name} (HOME ${home}), since ${createdAt.slice(0, 19)}Z`
}

/** '' where /proc belongs to another pid namespace, with other pids. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self') === String(process.pid) ? readlinkSync('/proc/self/ns/pid') : ''
  } catch {
    return ''
  }
}

/** Returns the user's name, or the uid of a user without a passwd entry. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
