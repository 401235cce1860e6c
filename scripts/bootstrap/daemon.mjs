// Starts dockerd as a service of this machine.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { engineRequest } from '../../harness/host/engine/engine.mjs'
import { comm, enginePid } from '../../harness/host/engine/runtime.mjs'

const log = '/var/log/holdfast-dockerd.log'
const host = 'unix:///var/run/docker.sock'
const startLimitMs = 60_000

/**
 * Removes stale pid files of an engine that was killed: dockerd refuses to start with them. A pid file is stale when its
 * process has ended or the pid belongs to another program.
 */
export function removeStalePids(folder = '/var/run') {
  const files = { 'docker.pid': 'dockerd', 'docker/containerd/containerd.pid': 'containerd' }
  for (const [path, name] of Object.entries(files)) {
    const file = join(folder, path)
    if (existsSync(file) && comm(readFileSync(file, 'utf8').trim()) !== name) rmSync(file, { force: true })
  }
}

/**
 * Starts the engine and waits until it answers. Throws when it does not.
 * @param {AbortSignal} signal
 */
export async function startDaemon(signal) {
  if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['start', 'docker'], { stdio: 'ignore' })
  else if (enginePid() === undefined) launch()
  const deadline = performance.now() + startLimitMs
  while (performance.now() < deadline) {
    if (
      await engineRequest({ host }, '/_ping').then(
        () => true,
        () => false,
      )
    )
      return
    if (!existsSync('/run/systemd/system') && enginePid() === undefined) break
    await sleep(100, undefined, { signal })
  }
  throw new Error(`dockerd did not start. Last error in ${log}: ${lastLine()}`)
}

function launch() {
  removeStalePids()
  const out = openSync(log, 'a')
  // Its own session and stdio: it outlives this process and keeps no terminal or pipe open.
  const daemon = spawn('dockerd', [], {
    detached: true,
    stdio: ['ignore', out, out],
    cwd: '/',
    env: daemonEnvironment(),
  })
  daemon.on('error', () => {}) // the wait detects a missing dockerd: it finds no such process
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
