// The wrapper runtime for hosts that withhold CAP_SYS_RESOURCE: detects the need for it and registers it with the engine.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorMessage } from '../../common/error-message.mjs'

/** Name of the wrapper runtime in container configurations. */
export const runtimeName = 'holdfast'
export const runtimePath = '/usr/local/lib/holdfast/runc-holdfast'
const daemonFile = '/etc/docker/daemon.json'
const source = fileURLToPath(new URL('./runc-holdfast.sh', import.meta.url))
const capSysResource = 24n

/**
 * Whether a process with this /proc/<pid>/status can't pass CAP_SYS_RESOURCE on. False if unknown.
 * @param {string} status
 */
export function withholdsSysResource(status) {
  const mask = /^CapBnd:\s*([0-9a-f]+)/im.exec(status)?.[1]
  return mask !== undefined && ((BigInt(`0x${mask}`) >> capSysResource) & 1n) === 0n
}

/** Returns the pid of the engine on this machine; undefined when it runs elsewhere (a desktop's virtual machine, a remote host). */
export function enginePid() {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return pids.map(Number).find((pid) => comm(pid) === 'dockerd')
  } catch {
    return undefined
  }
}

/**
 * Returns the pid of the engine at this address; undefined unless it is known to run on this machine.
 * @param {{ host: string }} endpoint
 */
export function localEnginePid({ host }) {
  return host.startsWith('unix:') ? enginePid() : undefined
}

/**
 * Returns the name of a live process, or undefined. A zombie (killed, and not yet reaped by its parent) still has a name, but is not
 * alive.
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
 * Whether containers need the wrapper, by the capabilities of the engine, or of this process if it is about to start the engine.
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
 * Adds the runtime to the text of daemon.json; undefined if it is already there. Throws if the text is not a JSON object.
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

/** Installs the wrapper and registers it in daemon.json. Returns whether daemon.json changed. Throws with one sentence. */
export function installRuntime() {
  const wanted = readFileSync(source, 'utf8')
  if (!existsSync(runtimePath) || readFileSync(runtimePath, 'utf8') !== wanted) replace(runtimePath, wanted, 0o755)
  let merged
  try {
    merged = withRuntime(existsSync(daemonFile) ? readFileSync(daemonFile, 'utf8') : '')
  } catch (error) {
    throw new Error(`Can't add the runtime to ${daemonFile}: ${errorMessage(error)}. Correct the file by hand.`)
  }
  if (merged === undefined) return false
  replace(daemonFile, merged, 0o644)
  return true
}

/**
 * Writes a temporary file and renames it, so that readers never see half a file.
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
