// A lock between processes: a file with its owner's pid. Another process takes it over when the owner is dead.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Runs `work` while holding the lock of that name. `onWait` is called once when another process holds it.
 * @template T
 * @param {string} name
 * @param {{ signal: AbortSignal, onWait: () => void, folder?: string }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, { signal, onWait, folder = tmpdir() }, work) {
  const file = join(folder, `holdfast-${process.getuid?.() ?? 0}-${name}.lock`)
  let waited = false
  while (!take(file)) {
    if (!waited) onWait()
    waited = true
    await sleep(200, undefined, { signal })
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file */
function take(file) {
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    // A hard link is atomic: no process reads a lock without its owner.
    linkSync(mine, file)
    return true
  } catch (error) {
    if (code(error) !== 'EEXIST') throw error
    return dropIfDead(file, `${mine}.old`)
  } finally {
    rmSync(mine, { force: true })
  }
}

/**
 * Removes a dead owner's lock. Returns false: the caller tries again. Only one process can win the rename.
 * @param {string} file
 * @param {string} aside
 */
function dropIfDead(file, aside) {
  try {
    if (alive(Number(readFileSync(file, 'utf8')))) return false
    renameSync(file, aside)
    // Another process may have taken over between read and rename: put its lock back.
    if (alive(Number(readFileSync(aside, 'utf8')))) linkSync(aside, file)
    rmSync(aside, { force: true })
  } catch (error) {
    if (code(error) !== 'ENOENT' && code(error) !== 'EEXIST') throw error
  }
  return false
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return code(error) === 'EPERM'
  }
}

/** @param {unknown} error */
const code = (error) => /** @type {NodeJS.ErrnoException} */ (error).code
