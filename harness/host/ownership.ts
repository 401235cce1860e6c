import { readFileSync, readlinkSync } from 'node:fs'
import { homedir, hostname, userInfo } from 'node:os'
import { z } from 'zod'
import { type ProcessIdentity, type ProcessLife, lifeOfProcess, thisProcess } from '../process-identity.ts'

/** The process that created something, in terms that any other process can compare with its own. */
const ownerSchema = z.object({
  pid: z.number(),
  startedAt: z.string(),
  /** The kernel's boot id: the same in all containers of a host, another one after a reboot. '' where there is none. */
  boot: z.string(),
  /** '' where it can't be read: then the pid can't be compared with anyone's. */
  pidNamespace: z.string(),
  machine: z.string(),
  hostname: z.string(),
  user: z.string(),
  home: z.string(),
  /** The run's own folder on the owner's host. */
  folder: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
})

export type Owner = z.infer<typeof ownerSchema>

/** `unknown`: this process can't verify it. Only `dead` allows a removal. */
export type Life = ProcessLife

/** What a process compares owners with: itself. */
export interface Here extends Pick<Owner, 'boot' | 'pidNamespace' | 'machine' | 'hostname'> {
  /** The engine is on this host, so that its clients are too. */
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

/** Undefined where it was written by another version, or by hand. */
export function parseOwner(text: string | undefined): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

/**
 * Whether the process that owns something lives. A process of another pid namespace or host can't be seen from here; one
 * from before this host's reboot is dead.
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
  // Hosts made from one image may share name and machine id, but not one local engine.
  return from.localEngine && sameHost && owner.machine !== '' && from.boot !== '' && owner.boot !== ''
    ? 'dead'
    : 'unknown'
}

/** The same user with the same home on the same host: what such a process left is this user's own. */
export function isMine({ user, home, hostname: name }: Owner): boolean {
  return user === userName() && home === homedir() && name === hostname()
}

export function formatOwner({ pid, user, hostname: name, home, createdAt }: Owner): string {
  return `process ${pid} of ${user}@${name} (HOME ${home}), since ${createdAt.slice(0, 19)}Z`
}

/** '' where /proc is another namespace's: the pids there are not the ones that this process has. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self') === String(process.pid) ? readlinkSync('/proc/self/ns/pid') : ''
  } catch {
    return ''
  }
}

/** A user without an entry in the system's list has only a number. */
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
