// Makes a Docker engine available: finds one, or installs and starts one as root on Debian and its derivatives.
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineChoiceError, endpoints } from '../../harness/host/engine/engine-choice.mjs'
import { engineRequest, describeEngine, searchEngine } from '../../harness/host/engine/engine.mjs'
import { registryAnswers } from '../../harness/host/engine/registry.mjs'
import { installRuntime, localEnginePid, needsRuntime, runtimeName } from '../../harness/host/engine/runtime.mjs'
import { command } from './command.mjs'
import { startDaemon } from './daemon.mjs'
import { Refusal, print } from './print.mjs'

/** @typedef {import('../../harness/host/engine/engine-choice.mjs').Endpoint} Endpoint */

/**
 * Returns the chosen engine once it answers and can run machines. Throws a Refusal when that is impossible.
 * @param {{ yes: boolean, signal: AbortSignal }} options
 * @returns {Promise<Endpoint>}
 */
export async function makeEngineAvailable({ yes, signal }) {
  let { endpoint } = await searchEngine().catch(refuseChoice)
  if (!endpoint) {
    refuseUnsupportedHost()
    const missing = await missingPackages()
    const wrapper = needsRuntime('self')
    const plan = [
      missing.length > 0 ? `install ${missing.join(', ')} with apt-get` : '',
      'start dockerd as a service of this machine',
      wrapper
        ? `register the runtime "${runtimeName}" in /etc/docker/daemon.json (this host withholds CAP_SYS_RESOURCE)`
        : '',
    ].filter(Boolean)
    print(`No Docker engine answers here. Set-up will ${plan.join('; ')}.`)
    await agree(yes, signal)
    await install(missing, signal)
    if (wrapper) installRuntime()
    const began = performance.now()
    await startDaemon(signal).catch((error) => {
      throw signal.aborted ? error : new Refusal(error.message, 'Start Docker by hand, then try again.')
    })
    print(`Docker engine up in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
    endpoint = (await searchEngine()).endpoint
    if (!endpoint)
      throw new Refusal(
        'The Docker engine that was just started does not answer.',
        'See /var/log/holdfast-dockerd.log.',
      )
  }
  await ensureRuntime(endpoint, signal)
  return endpoint
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function refuseChoice(error) {
  if (error instanceof EngineChoiceError) throw new Refusal(`${error.message} [${error.code}]`, error.hint, 64)
  throw error
}

/** Throws a Refusal with the reason and the fix where an engine can't be installed. */
function refuseUnsupportedHost() {
  const chosen = endpoints()[0]
  if (chosen && chosen.from !== 'default') {
    throw new Refusal(
      `The Docker engine at ${chosen.host} (${chosen.from}) does not answer.`,
      'Start it, or choose another one.',
    )
  }
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) {
    throw new Refusal(
      'No Docker engine answers here.',
      'Install and start Docker (https://docs.docker.com/get-docker/).',
    )
  }
  if (process.getuid?.() !== 0) {
    throw new Refusal(
      'No Docker engine answers here, and only root can install one.',
      'Start Docker, or run this once with sudo.',
    )
  }
}

async function missingPackages() {
  const wanted = {
    'docker.io': '/usr/sbin/dockerd',
    iptables: '/usr/sbin/iptables',
    debootstrap: '/usr/sbin/debootstrap',
  }
  const absent = (/** @type {string} */ file) => !existsSync(file) && !existsSync(file.replace('/usr/sbin', '/usr/bin'))
  const names = Object.entries(wanted).flatMap(([name, file]) => (absent(file) ? [name] : []))
  // With AppArmor in the kernel and without its parser, Docker refuses every container.
  if (read('/sys/module/apparmor/parameters/enabled') === 'Y' && absent('/usr/sbin/apparmor_parser'))
    names.push('apparmor')
  // Only the image build without a registry needs debootstrap.
  return names.includes('debootstrap') && (await registryAnswers())
    ? names.filter((name) => name !== 'debootstrap')
    : names
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * @param {boolean} yes
 * @param {AbortSignal} signal
 */
async function agree(yes, signal) {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question('Continue? [y/N] ', { signal })
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new Refusal('Nothing was changed.', 'Start Docker by hand, then try again.')
  } finally {
    terminal.close()
  }
}

/**
 * @param {string[]} names
 * @param {AbortSignal} signal
 */
async function install(names, signal) {
  if (names.length === 0) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...names]
  let result = await command('apt-get', args, { env, signal })
  if (result.code !== 0) {
    // The usual reason is a package list that is absent or older than the archive.
    await command('apt-get', ['update', '-q'], { env, signal })
    result = await command('apt-get', args, { env, signal })
  }
  if (result.code === 0) return
  const reason = result.output.trim().split('\n').at(-1)
  throw new Refusal(
    `apt-get could not install ${names.join(', ')}: ${reason}`,
    'Install Docker by hand, then try again.',
  )
}

/**
 * Registers the wrapper with an engine that needs it, which the engine's process shows, and lacks it.
 * @param {Endpoint} endpoint
 * @param {AbortSignal} signal
 */
async function ensureRuntime(endpoint, signal) {
  const pid = localEnginePid(endpoint)
  if (pid === undefined || !needsRuntime(pid)) return
  if ((await describeEngine(endpoint)).runtimes.includes(runtimeName)) {
    if (process.getuid?.() === 0) installRuntime() // keeps the script itself current
    return
  }
  const fix = 'Run this once as root, or see `holdfast doctor`.'
  if (process.getuid?.() !== 0)
    throw new Refusal(`This host withholds CAP_SYS_RESOURCE and the runtime "${runtimeName}" is not registered.`, fix)
  print(`Registering the runtime "${runtimeName}" with Docker (this host withholds CAP_SYS_RESOURCE).`)
  installRuntime()
  process.kill(pid, 'SIGHUP')
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const info = await engineRequest(endpoint, '/info').catch(() => undefined)
    if (info?.Runtimes?.[runtimeName]) return
    await sleep(100, undefined, { signal })
  }
  throw new Refusal(`Docker did not load the runtime "${runtimeName}" from /etc/docker/daemon.json.`, 'Restart Docker.')
}
