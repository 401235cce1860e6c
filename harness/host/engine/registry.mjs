// Checks whether an image registry is reachable.
import https from 'node:https'

const registry = 'https://registry-1.docker.io/v2/'

/**
 * Whether the registry answers (401 for anonymous clients). False is no error: images can be built.
 * @param {number} timeoutMs
 * @returns {Promise<boolean>}
 */
export function registryAnswers(timeoutMs = 3000) {
  return new Promise((resolve) => {
    const request = https.get(registry, { timeout: timeoutMs }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 || response.statusCode === 401)
    })
    request.on('timeout', () => request.destroy(new Error('too slow')))
    request.on('error', () => resolve(false))
  })
}
