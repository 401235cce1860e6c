// Where the Docker engine is and what it says of itself. Plain JavaScript without dependencies: the bootstrap needs it before any is installed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** @typedef {{ host: string, from: string }} Endpoint an engine's address and where it was read */
/** @typedef {{ version: string, api: string, os: string, runtimes: string[], rootless: boolean }} Engine */

/**
 * The addresses to try, the user's own choice first. An explicit choice is the only one: falling back would break another engine than the one meant.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {Endpoint[]}
 */
export function endpoints(env = process.env, home = homedir()) {
  if (env['DOCKER_HOST']) return [{ host: env['DOCKER_HOST'], from: 'DOCKER_HOST' }]
  const named = contextHost(env, home)
  if (named) return [named]
  const sockets = [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.colima/default/docker.sock'),
  ]
  if (env['XDG_RUNTIME_DIR']) sockets.push(join(env['XDG_RUNTIME_DIR'], 'docker.sock'))
  return sockets.map((path) => ({ host: `unix://${path}`, from: 'default' }))
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {Endpoint | undefined}
 */
function contextHost(env, home) {
  const folder = env['DOCKER_CONFIG'] ?? join(home, '.docker')
  try {
    const name = env['DOCKER_CONTEXT'] ?? JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).currentContext
    if (!name || name === 'default') return undefined
    const id = createHash('sha256').update(name).digest('hex')
    const meta = JSON.parse(readFileSync(join(folder, 'contexts/meta', id, 'meta.json'), 'utf8'))
    return { host: meta.Endpoints.docker.Host, from: `context ${name}` }
  } catch {
    return undefined
  }
}

/**
 * One GET to an engine. Rejects when nothing answers within `timeoutMs`.
 * @param {string} host
 * @param {string} path
 * @param {number} timeoutMs
 * @returns {Promise<any>}
 */
export function ask(host, path, timeoutMs = 2000) {
  const secure = Boolean(process.env['DOCKER_TLS_VERIFY']) && host.startsWith('tcp:')
  return new Promise((resolve, reject) => {
    const target = address(host)
    if (!target) return reject(new Error(`can't speak to ${host}`))
    const certificates = secure ? tlsFiles() : {}
    const request = (secure ? https : http).get(
      { ...target, ...certificates, path, timeout: timeoutMs },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (part) => (body += part))
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`))
          try {
            resolve(path === '/_ping' ? body : JSON.parse(body))
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    request.on('error', reject)
  })
}

/**
 * @param {string} host
 * @returns {{ socketPath: string } | { host: string, port: string } | undefined}
 */
function address(host) {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) }
  if (host.startsWith('npipe://')) return { socketPath: host.slice('npipe://'.length) }
  const tcp = /^(?:tcp|http):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(host)
  if (tcp?.[1]) return { host: tcp[1].replace(/^\[|\]$/g, ''), port: tcp[2] ?? '2375' }
  return undefined
}

function tlsFiles() {
  const folder = process.env['DOCKER_CERT_PATH'] ?? join(homedir(), '.docker')
  /** @param {string} name */
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined)
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}

/**
 * The first engine that answers, or undefined.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Endpoint | undefined>}
 */
export async function findEngine(env = process.env) {
  for (const endpoint of endpoints(env)) {
    if (
      await ask(endpoint.host, '/_ping').then(
        () => true,
        () => false,
      )
    )
      return endpoint
  }
  return undefined
}

/**
 * What an engine says of itself. Rejects when it does not answer.
 * @param {string} host
 * @returns {Promise<Engine>}
 */
export async function describeEngine(host) {
  const [version, info] = await Promise.all([ask(host, '/version', 5000), ask(host, '/info', 10_000)])
  return {
    version: String(version.Version),
    api: String(version.ApiVersion),
    os: String(info.OperatingSystem),
    runtimes: Object.keys(info.Runtimes ?? {}),
    rootless: (info.SecurityOptions ?? []).some((/** @type {string} */ option) => option.includes('rootless')),
  }
}
