// The capability wrapper runtime: whether this host needs it, and how it is registered with the engine.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The name by which containers ask for the wrapper. */
export const runtimeName = 'holdfast'
export const runtimePath = '/usr/local/lib/holdfast/runc-holdfast'
const daemonFile = '/etc/docker/daemon.json'
const source = fileURLToPath(new URL('./runc-holdfast.sh', import.meta.url))
const capSysResource = 24n

/**
 * Whether a process with this /proc/<pid>/status may not hand CAP_SYS_RESOURCE on. Unknown counts as no: only a proven lack asks for the cure.
 * @param {string} status
 */
export function withholdsSysResource(status) {
  const mask = /^CapBnd:\s*([0-9a-f]+)/im.exec(status)?.[1]
  return mask !== undefined && ((BigInt(`0x${mask}`) >> capSysResource) & 1n) === 0n
}

/** The engine's process on this machine, or undefined when it lives elsewhere (a desktop's virtual machine, a remote host). */
export function enginePid() {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return pids.map(Number).find((pid) => comm(pid) === 'dockerd')
  } catch {
    return undefined
  }
}

/**
 * The process of the engine at this address, or undefined when it is not known to be on this machine.
 * @param {{ host: string }} endpoint
 */
export function localEnginePid({ host }) {
  return host.startsWith('unix:') ? enginePid() : undefined
}

/**
 * The name of a living process, or undefined. One that was killed and that nobody has asked about yet is a zombie: it still
 * has its name, and does not live.
 * @param {number | string} pid
 */
export function comm(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    return /^[ZX]/.test(stat.slice(end + 2)) ? undefined : stat.slice(stat.indexOf('(') + 1, end)
  } catch {
    return undefined
  }
}

/**
 * Whether containers here need the wrapper: judged by the engine's own capabilities, or by ours when we are about to start it.
 * @param {number | 'self'} pid
 */
export function needsRuntime(pid) {
  try {
    return withholdsSysResource(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/**
 * daemon.json with our runtime in it and all else as it was; undefined when it already is. Throws on what is not a JSON object.
 * @param {string} text
 * @returns {string | undefined}
 */
export function withRuntime(text) {
  const daemon = text.trim() === '' ? {} : JSON.parse(text)
  if (typeof daemon !== 'object' || daemon === null || Array.isArray(daemon)) throw new Error('it is not a JSON object')
  if (daemon.runtimes?.[runtimeName]?.path === runtimePath) return undefined
  daemon.runtimes = { ...daemon.runtimes, [runtimeName]: { path: runtimePath } }
  return `${JSON.stringify(daemon, null, 2)}\n`
}

/** Puts the wrapper and its line in daemon.json in place. Says whether daemon.json was changed. Throws with one sentence. */
export function installRuntime() {
  const wanted = readFileSync(source, 'utf8')
  if (!existsSync(runtimePath) || readFileSync(runtimePath, 'utf8') !== wanted) replace(runtimePath, wanted, 0o755)
  let merged
  try {
    merged = withRuntime(existsSync(daemonFile) ? readFileSync(daemonFile, 'utf8') : '')
  } catch (error) {
    throw new Error(
      `${daemonFile} can't be extended: ${error instanceof Error ? error.message : String(error)}. Mend it by hand.`,
    )
  }
  if (merged === undefined) return false
  replace(daemonFile, merged, 0o644)
  return true
}

/**
 * Writes beside and renames, so that nobody ever reads half a file.
 * @param {string} path
 * @param {string} text
 * @param {number} mode
 */
function replace(path, text, mode) {
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}`
  writeFileSync(beside, text)
  chmodSync(beside, mode)
  renameSync(beside, path)
}
