import { describe, expect, it } from 'vitest'
import { goBuildArguments, goBuilds, type GoBuild } from './go-builds.ts'

const build: GoBuild = { name: 'x', version: 'v1', packages: { one: 'm/cmd/one', two: 'm/cmd/two' }, seconds: 1 }

describe('goBuildArguments', () => {
  it('compiles packages with the names of their binaries in one call', () => {
    const calls = goBuildArguments(build, '/out')
    expect(calls).toHaveLength(1)
    expect(calls[0]).toEqual(expect.arrayContaining(['-o', '/out/', 'm/cmd/one', 'm/cmd/two']))
  })

  it('names binaries that differ from their packages', () => {
    const calls = goBuildArguments({ ...build, packages: { etcd: 'm/server/v3', ctl: 'm/ctl/v3' } }, '/out')
    expect(calls.map((args) => args.slice(-3))).toEqual([
      ['-o', '/out/etcd', 'm/server/v3'],
      ['-o', '/out/ctl', 'm/ctl/v3'],
    ])
  })

  it('sets stamps and tags, and uses the vendored copy when packages were emptied', () => {
    const [args] = goBuildArguments({ ...build, tags: ['a', 'b'], stamps: { 'p.V': 'v1' }, emptied: ['p'] }, '/out')
    expect(args?.join(' ')).toContain('-tags a,b -mod=vendor -ldflags -s -w -X p.V=v1')
  })

  it('builds no binary twice', () => {
    const names = goBuilds.flatMap(({ packages }) => Object.keys(packages))
    expect(new Set(names).size).toBe(names.length)
  })
})
