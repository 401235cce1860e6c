// Runs the real program in place of this one, as far as Node allows: same stdio, same exit code, each signal once.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
/** One Ctrl-C reaches us from the terminal and again from npm, within moments; a person's second one comes later. */
const sameKeyMs = 250

/**
 * Resolves with the exit code to end with (128 + n when a signal ended it).
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export function handOver(file, args, options) {
  return new Promise((resolve, reject) => {
    /** @type {Map<string, number>} */
    const last = new Map()
    // Before there is a child: a signal in between would end us alone. None is heard before all of this has been done.
    for (const signal of forwarded) {
      process.on(signal, () => {
        const now = performance.now()
        if (now - (last.get(signal) ?? -Infinity) < sameKeyMs) return
        last.set(signal, now)
        child.kill(signal)
      })
    }
    // A process group of its own: the terminal's Ctrl-C then reaches us alone, and we pass it on exactly once.
    const child = spawn(file, args, { ...options, stdio: 'inherit', detached: process.platform !== 'win32' })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
