// Starts dockerd as the machine's own service on a machine where nothing else does.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../../harness/host/engine.mjs'
import { comm, enginePid } from '../../harness/host/runtime.mjs'

const log = '/var/log/holdfast-dockerd.log'
const host = 'unix:///var/run/docker.sock'
const startLimitMs = 60_000

/**
 * Removes the pid files that an abruptly ended engine left and that would stop the next one from starting: those whose
 * process is gone, or has become another program since.
 */
export function removeStalePids(folder = '/var/run') {
  const files = { 'docker.pid': 'dockerd', 'docker/containerd/containerd.pid': 'containerd' }
  for (const [path, name] of Object.entries(files)) {
    const file = join(folder, path)
    if (existsSync(file) && comm(readFileSync(file, 'utf8').trim()) !== name) rmSync(file, { force: true })
  }
}

/**
 * Starts the engine and waits until it answers. Throws with one sentence when it does not.
 * @param {AbortSignal} signal
 */
export async function startDaemon(signal) {
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['start', 'docker'], { stdio: 'ignore' })
  else if (enginePid() === undefined) launch()
  const deadline = performance.now() + startLimitMs
  while (performance.now() < deadline) {
    if (
      await ask({ host }, '/_ping').then(
        () => true,
        () => false,
      )
    )
      return
    if (!existsSync('/run/systemd/system') && enginePid() === undefined) break
    await sleep(100, undefined, { signal })
  }
  throw new Error(`dockerd did not come up. Its last words (${log}): ${lastLine()}`)
}

function launch() {
  removeStalePids()
  const out = openSync(log, 'a')
  // Its own session and its own stdio: it outlives this process and never holds a terminal or a pipe of ours open.
  const daemon = spawn('dockerd', [], {
    detached: true,
    stdio: ['ignore', out, out],
    cwd: '/',
    env: daemonEnvironment(),
  })
  daemon.on('error', () => {}) // a missing dockerd is seen by the wait, which finds no such process
  daemon.unref()
  closeSync(out)
}

function daemonEnvironment() {
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|no|all)_proxy$/i.test(name))
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    ...Object.fromEntries(proxies),
  }
}

function lastLine() {
  try {
    const lines = readFileSync(log, 'utf8').trim().split('\n')
    return lines.findLast((line) => /level=(fatal|error)|failed/.test(line)) ?? lines.at(-1) ?? ''
  } catch {
    return 'none'
  }
}
