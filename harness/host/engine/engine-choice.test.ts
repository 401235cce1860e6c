import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { EngineChoiceError, endpoints, environmentOf } from './engine-choice.mjs'

/** A home folder with these contexts and this Docker configuration. */
function home(contexts: Readonly<Record<string, string>>, config?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-home-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  mkdirSync(join(path, '.docker'))
  if (config !== undefined) writeFileSync(join(path, '.docker/config.json'), config)
  for (const [name, host] of Object.entries(contexts)) {
    const meta = join(path, '.docker/contexts/meta', idOf(name))
    mkdirSync(meta, { recursive: true })
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: host } } }))
  }
  return path
}

const idOf = (name: string) => createHash('sha256').update(name).digest('hex')

describe('the order is that of the docker CLI', () => {
  const contexts = { lab: 'unix:///lab.sock', alt: 'unix:///alt.sock' }
  const lab = JSON.stringify({ currentContext: 'lab' })
  test.each<[string, NodeJS.ProcessEnv, string | undefined, string, string]>([
    ['DOCKER_HOST', { DOCKER_HOST: 'tcp://a:1', DOCKER_CONTEXT: 'alt' }, lab, 'tcp://a:1', 'DOCKER_HOST'],
    ['DOCKER_CONTEXT', { DOCKER_CONTEXT: 'alt' }, lab, 'unix:///alt.sock', 'context alt'],
    ['an empty DOCKER_CONTEXT is ignored', { DOCKER_CONTEXT: '' }, lab, 'unix:///lab.sock', 'context lab'],
    ['currentContext', {}, lab, 'unix:///lab.sock', 'context lab'],
    ['the default context', { DOCKER_CONTEXT: 'default' }, lab, 'unix:///var/run/docker.sock', 'default'],
    ['a configuration without a context', {}, '{}', 'unix:///var/run/docker.sock', 'default'],
    ['no configuration', {}, undefined, 'unix:///var/run/docker.sock', 'default'],
  ])('%s', (_, env, config, host, from) => {
    expect(endpoints(env, home(contexts, config))[0]).toEqual({ host, from })
  })
  test('an explicit choice is the only candidate', () => {
    expect(endpoints({ DOCKER_CONTEXT: 'alt' }, home(contexts))).toHaveLength(1)
    expect(endpoints({}, home({})).length).toBeGreaterThan(1)
  })
})

describe('an unusable choice is refused', () => {
  const refused = (env: NodeJS.ProcessEnv, folder: string): string => {
    try {
      return JSON.stringify(endpoints(env, folder))
    } catch (error) {
      if (error instanceof EngineChoiceError) return error.code
      throw error
    }
  }
  test.each<[string, NodeJS.ProcessEnv, string | undefined, string]>([
    ['a context that does not exist', { DOCKER_CONTEXT: 'no' }, undefined, 'HF_DOCKER_CONTEXT'],
    ['a current context that does not exist', {}, '{"currentContext":"no"}', 'HF_DOCKER_CONTEXT'],
    ['a configuration that is not JSON', {}, '{', 'HF_DOCKER_CONFIG'],
    ['a context over ssh', { DOCKER_CONTEXT: 'far' }, undefined, 'HF_ENGINE_ADDRESS'],
    ['an engine over ssh', { DOCKER_HOST: 'ssh://root@lab' }, undefined, 'HF_ENGINE_ADDRESS'],
    ['a path without a scheme', { DOCKER_HOST: '/var/run/docker.sock' }, undefined, 'HF_ENGINE_ADDRESS'],
    ['a socket without a path', { DOCKER_HOST: 'unix://' }, undefined, 'HF_ENGINE_ADDRESS'],
  ])('%s', (_, env, config, code) => {
    expect(refused(env, home({ far: 'ssh://lab' }, config))).toBe(code)
  })
})

describe('TLS', () => {
  test('certificates for DOCKER_HOST come from DOCKER_CERT_PATH, else from the configuration', () => {
    const env = { DOCKER_HOST: 'tcp://a', DOCKER_TLS_VERIFY: '1' }
    expect(endpoints(env, '/h')).toEqual([{ host: 'tcp://a:2376', from: 'DOCKER_HOST', certificates: '/h/.docker' }])
    expect(endpoints({ ...env, DOCKER_CERT_PATH: '/c' }, '/h')[0]?.certificates).toBe('/c')
    expect(endpoints({ DOCKER_HOST: 'tcp://a' }, '/h')).toEqual([{ host: 'tcp://a:2375', from: 'DOCKER_HOST' }])
  })
  test('certificates of a context come from the context, and all clients receive them', () => {
    const folder = home({ far: 'tcp://far' })
    const certificates = join(folder, '.docker/contexts/tls', idOf('far'), 'docker')
    mkdirSync(certificates, { recursive: true })
    const [far] = endpoints({ DOCKER_CONTEXT: 'far' }, folder)
    expect(far).toEqual({ host: 'tcp://far:2376', from: 'context far', certificates })
    expect(far && environmentOf(far)).toEqual({
      DOCKER_HOST: 'tcp://far:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: certificates,
    })
  })
})
