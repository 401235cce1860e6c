// Determines the Docker engine that the user chose. Plain JavaScript without dependencies, for the bootstrap.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { errorMessage } from '../../common/error-message.mjs'

/**
 * An engine's address, the setting that it comes from, and the folder of its TLS certificates, if any.
 * @typedef {{ host: string, from: string, certificates?: string }} Endpoint
 */

/** An unusable choice of engine. `code` and `hint` are those of a HoldfastError. */
export class EngineChoiceError extends Error {
  /**
   * @param {'HF_DOCKER_CONTEXT' | 'HF_DOCKER_CONFIG' | 'HF_ENGINE_ADDRESS'} code
   * @param {string} message
   * @param {string} hint
   * @param {unknown} [cause]
   */
  constructor(code, message, hint, cause) {
    super(message, { cause })
    this.code = code
    this.hint = hint
  }
}

/**
 * Returns the addresses to try, in the order of the `docker` CLI: DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of Docker's
 * configuration, the default sockets. An explicit choice is the only address. Throws an EngineChoiceError.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {Endpoint[]}
 */
export function endpoints(env = process.env, home = homedir()) {
  if (env['DOCKER_HOST']) {
    const secure = Boolean(env['DOCKER_TLS_VERIFY'])
    const certificates = secure ? { certificates: env['DOCKER_CERT_PATH'] || join(home, '.docker') } : {}
    return [{ host: usable(env['DOCKER_HOST'], 'DOCKER_HOST', secure), from: 'DOCKER_HOST', ...certificates }]
  }
  const folder = env['DOCKER_CONFIG'] || join(home, '.docker')
  const { name, from } = chosenContext(env, folder)
  if (name && name !== 'default') return [contextEndpoint(folder, name, from)]
  const sockets = [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.colima/default/docker.sock'),
  ]
  if (env['XDG_RUNTIME_DIR']) sockets.push(join(env['XDG_RUNTIME_DIR'], 'docker.sock'))
  return sockets.map((path) => ({ host: `unix://${path}`, from: 'default' }))
}

/**
 * Returns the environment with which all Docker clients (`docker`, dockerode, Testcontainers) use this engine.
 * @param {Endpoint} endpoint
 * @returns {{ DOCKER_HOST: string, DOCKER_TLS_VERIFY: string, DOCKER_CERT_PATH: string }}
 */
export function environmentOf({ host, certificates }) {
  return { DOCKER_HOST: host, DOCKER_TLS_VERIFY: certificates ? '1' : '', DOCKER_CERT_PATH: certificates ?? '' }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder
 * @returns {{ name?: string, from: string }}
 */
function chosenContext(env, folder) {
  if (env['DOCKER_CONTEXT']) return { name: env['DOCKER_CONTEXT'], from: 'DOCKER_CONTEXT' }
  const file = join(folder, 'config.json')
  if (!existsSync(file)) return { from: file }
  try {
    return { name: JSON.parse(readFileSync(file, 'utf8')).currentContext, from: file }
  } catch (error) {
    const hint = 'Correct the file, or set DOCKER_HOST to the address of the engine.'
    throw new EngineChoiceError('HF_DOCKER_CONFIG', `Can't read ${file}: ${errorMessage(error)}.`, hint, error)
  }
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} from
 * @returns {Endpoint}
 */
function contextEndpoint(folder, name, from) {
  const id = createHash('sha256').update(name).digest('hex')
  const file = join(folder, 'contexts/meta', id, 'meta.json')
  const hint = 'List the contexts with `docker context ls`, choose one with `docker context use`, or set DOCKER_HOST.'
  if (!existsSync(file))
    throw new EngineChoiceError('HF_DOCKER_CONTEXT', `There is no Docker context "${name}" (set by ${from}).`, hint)
  let host
  try {
    host = JSON.parse(readFileSync(file, 'utf8')).Endpoints.docker.Host
  } catch (error) {
    throw new EngineChoiceError('HF_DOCKER_CONTEXT', `Can't read ${file}: ${errorMessage(error)}.`, hint, error)
  }
  const certificates = join(folder, 'contexts/tls', id, 'docker')
  const secure = existsSync(certificates)
  const source = `context ${name}`
  return { host: usable(host, source, secure), from: source, ...(secure ? { certificates } : {}) }
}

/**
 * Returns the address with its port. Throws an EngineChoiceError if Holdfast can't use it.
 * @param {unknown} host
 * @param {string} from
 * @param {boolean} secure
 */
function usable(host, from, secure) {
  const text = String(host)
  if (/^(unix|npipe):\/\/./.test(text)) return text
  const tcp = /^(?:tcp|http):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(text)
  if (tcp?.[1]) return `tcp://${tcp[1]}:${tcp[2] ?? (secure ? '2376' : '2375')}`
  if (text.startsWith('ssh://'))
    throw new EngineChoiceError(
      'HF_ENGINE_ADDRESS',
      `Invalid ${from} "${text}": Holdfast can't use an engine over ssh.`,
      'Run Holdfast on that host, or choose an engine of this host, for example DOCKER_HOST=unix:///var/run/docker.sock.',
    )
  throw new EngineChoiceError(
    'HF_ENGINE_ADDRESS',
    `Invalid ${from} "${text}": expected unix://PATH, npipe://PATH or tcp://HOST:PORT.`,
    'Correct the address, or unset it to use the engine of this host.',
  )
}
