import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { goBuilds } from './go-builds.ts'
import { baseKey, goBuildKey, machineReference, moduleFolder, recipeHash } from './recipe.ts'
import { versions } from './versions.ts'

const goMod = (name: string): Promise<string> => readFile(join(moduleFolder(name), 'go.mod'), 'utf8')

describe('the recipe', () => {
  it('differs between architectures', async () => {
    expect(await recipeHash('amd64')).not.toBe(await recipeHash('arm64'))
    expect(await baseKey('amd64')).not.toBe(await baseKey('arm64'))
  })

  it('gives a valid Docker image name', async () => {
    expect(machineReference(await recipeHash('amd64'))).toMatch(/^holdfast\/machine:[0-9a-f]{16}$/)
  })

  it('keys a Go build by its content, not by its expected duration', async () => {
    const [build] = goBuilds
    if (!build) throw new Error('no builds')
    const key = await goBuildKey(build, 'amd64')
    expect(await goBuildKey({ ...build, seconds: build.seconds + 1 }, 'amd64')).toBe(key)
    expect(await goBuildKey({ ...build, version: 'v0' }, 'amd64')).not.toBe(key)
    expect(await goBuildKey(build, 'arm64')).not.toBe(key)
  })
})

describe('the pinned versions', () => {
  it.each([
    ['kubernetes', 'k8s.io/kubernetes', versions.kubernetes],
    ['etcd', 'go.etcd.io/etcd/server/v3', versions.etcd],
    ['etcd', 'go.etcd.io/etcd/etcdctl/v3', versions.etcd],
    ['etcd', 'go.etcd.io/etcd/etcdutl/v3', versions.etcd],
    ['containerd', 'github.com/containerd/containerd/v2', versions.containerd],
    ['cni', 'github.com/containernetworking/plugins', versions.cni],
    ['coredns', 'github.com/coredns/coredns', versions.coredns],
    ['flannel', 'github.com/flannel-io/flannel', versions.flannel],
  ])('are the versions that module %s requires of %s', async (module, path, version) => {
    const required = (await goMod(module)).split('\n').map((line) => line.replace(/^require /, '').trim())
    expect(required).toContain(`${path} ${version}`)
  })

  it('include the Node.js version that the project installs', async () => {
    const text = await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')
    expect(text).toContain(`"node": "${versions.node}"`)
  })
})
