// Runs the real program in place of this one: same stdio, same exit code, each signal once.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
/** One Ctrl-C arrives twice at once, from the terminal and from npm. A second Ctrl-C arrives later. */
const sameKeyMs = 250

/**
 * Resolves with the program's exit code, or 128 + n when signal n ended it.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export function handOver(file, args, options) {
  return new Promise((resolve, reject) => {
    /** @type {Map<string, number>} */
    const last = new Map()
    // Handlers come before the child: a signal in between would end only this process. They run after the spawn.
    for (const signal of forwarded) {
      process.on(signal, () => {
        const now = performance.now()
        if (now - (last.get(signal) ?? -Infinity) < sameKeyMs) return
        last.set(signal, now)
        child.kill(signal)
      })
    }
    // The child's own process group: the terminal's Ctrl-C reaches only this process, which forwards it once.
    const child = spawn(file, args, { ...options, stdio: 'inherit', detached: process.platform !== 'win32' })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
