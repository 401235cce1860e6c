// Finds and describes the Docker engine. Plain JavaScript without dependencies, for the bootstrap.
import { existsSync, readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { endpoints } from './engine-choice.mjs'

/** @typedef {import('./engine-choice.mjs').Endpoint} Endpoint */
/** @typedef {{ version: string, api: string, os: string, runtimes: string[], rootless: boolean }} Engine */

/**
 * Sends one GET to an engine. Rejects without an answer within `timeoutMs`.
 * @param {Pick<Endpoint, 'host' | 'certificates'>} endpoint
 * @param {string} path
 * @param {number} timeoutMs
 * @returns {Promise<any>}
 */
export function engineRequest({ host, certificates }, path, timeoutMs = 2000) {
  return new Promise((resolve, reject) => {
    const secrets = certificates ? tlsFiles(certificates) : {}
    // A new connection each time: a kept one may belong to an engine that is gone.
    const request = (certificates ? https : http).get(
      { ...address(host), ...secrets, path, timeout: timeoutMs, agent: false },
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
 * @returns {{ socketPath: string } | { host: string, port: string }}
 */
function address(host) {
  const path = /^(?:unix|npipe):\/\/(.+)$/.exec(host)?.[1]
  if (path) return { socketPath: path }
  const { hostname, port } = new URL(host)
  return { host: hostname.replace(/^\[|\]$/g, ''), port }
}

/** @param {string} folder */
function tlsFiles(folder) {
  /** @param {string} name */
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined)
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}

/**
 * Finds the first engine that answers, or returns each address with its error. Throws an EngineChoiceError.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ endpoint: Endpoint } | { endpoint: undefined, tried: { endpoint: Endpoint, error: Error }[] }>}
 */
export async function searchEngine(env = process.env) {
  const tried = []
  for (const endpoint of endpoints(env)) {
    try {
      await engineRequest(endpoint, '/_ping')
      return { endpoint }
    } catch (error) {
      tried.push({ endpoint, error: error instanceof Error ? error : new Error(String(error)) })
    }
  }
  return { endpoint: undefined, tried }
}

/**
 * Reads an engine's version and properties. Rejects when it does not answer.
 * @param {Endpoint} endpoint
 * @returns {Promise<Engine>}
 */
export async function describeEngine(endpoint) {
  const [version, info] = await Promise.all([
    engineRequest(endpoint, '/version', 5000),
    engineRequest(endpoint, '/info', 10_000),
  ])
  return {
    version: String(version.Version),
    api: String(version.ApiVersion),
    os: String(info.OperatingSystem),
    runtimes: Object.keys(info.Runtimes ?? {}),
    rootless: (info.SecurityOptions ?? []).some((/** @type {string} */ option) => option.includes('rootless')),
  }
}
