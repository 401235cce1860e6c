import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { judgeImageSources } from './build-tools.ts'
import { check, oneLine } from './check.ts'
import { EngineChoiceError } from '../engine/engine-choice.mjs'
import { type EngineFacts, engineChecks } from './engine-checks.ts'
import { inotifyCheck, instancesOf } from './inotify.ts'
import { hasFeature, kernelChecks, type KernelSources } from './kernel.ts'
import { diskCheck, memoryCheck, nodeCheck } from './resources.ts'
import { parseRoutes, subnetCheck } from './subnets.ts'

const gigabyte = 1024 ** 3
const silent: KernelSources = { config: '', modules: '', loaded: [] }

test('an unmet requirement is one line: state, requirement, fix', () => {
  const line = oneLine(check('memory', false, { found: '2 GB', needed: '6 GB, for the machines', fix: 'Buy some.' }))
  expect(line).toBe('memory: 2 GB; needed: 6 GB, for the machines. Buy some.')
})

test('a met requirement has no fix', () => expect(memoryCheck(8 * gigabyte).fix).toBe(''))

test.each([
  ['v22.22.0', true],
  ['v24.1.0', true],
  ['v22.21.9', false],
  ['v20.20.2', false],
])('node %s', (version, ok) => expect(nodeCheck(version).ok).toBe(ok))

test('memory and disk have a minimum', () => {
  expect(memoryCheck(5.8 * gigabyte).ok).toBe(true) // sold as 6 GB
  expect(memoryCheck(4 * gigabyte).ok).toBe(false)
  expect(diskCheck(9 * gigabyte, '/').ok).toBe(true)
  expect(diskCheck(7 * gigabyte, '/').ok).toBe(false)
})

describe('kernel', () => {
  const vxlan = { module: 'vxlan', option: 'VXLAN' }
  test.each<[string, Partial<KernelSources>, boolean | undefined]>([
    ['built in', { config: 'CONFIG_VXLAN=y\n' }, true],
    ['a module', { config: 'CONFIG_VXLAN=m\n' }, true],
    ['left out', { config: '# CONFIG_VXLAN is not set\n' }, false],
    ['another option with the same prefix', { config: 'CONFIG_VXLAN_GBP=y\n' }, undefined],
    ['on disk', { modules: 'kernel/drivers/net/vxlan/vxlan.ko.zst:\n' }, true],
    ['loaded', { loaded: ['vxlan'] }, true],
    ['unknown', {}, undefined],
  ])('%s', (_, sources, known) => expect(hasFeature({ ...silent, ...sources }, vxlan)).toBe(known))

  test('a missing feature is named with its purpose; an unknown one gives a warning', () => {
    const [missing] = kernelChecks({ ...silent, config: '# CONFIG_VXLAN is not set\n' })
    expect(missing).toMatchObject({ ok: false, found: 'no vxlan (the pod network)' })
    const [unknown, latency] = kernelChecks(silent)
    expect(unknown?.ok).toBe('warn')
    expect(latency?.ok).toBe('warn')
  })
})

describe('inotify instances', () => {
  test.each([
    [{ limit: 128, used: 0 }, true],
    [{ limit: 128, used: 60 }, 'warn'],
    [{ limit: 128, used: 120 }, false],
    [{ limit: 512, used: 120 }, true],
    [{ limit: 128, used: undefined }, true],
  ])('%o', (has, ok) => expect(inotifyCheck(has).ok).toBe(ok))

  test('the fix raises the limit above the current use', () => {
    expect(inotifyCheck({ limit: 128, used: 100 }).fix).toContain('sysctl -w fs.inotify.max_user_instances=512')
    expect(inotifyCheck({ limit: 512, used: 500 }).fix).toContain('sysctl -w fs.inotify.max_user_instances=1024')
  })

  test.runIf(process.platform === 'linux')('counts one instance of a process that watches a folder', async () => {
    const child = spawn(process.execPath, ['-e', "fs.watch('/tmp'); console.log('watches')"])
    await once(child.stdout, 'data')
    expect(instancesOf(child.pid ?? 0, process.getuid?.() ?? 0)).toBe(1)
    child.kill()
  })
})

describe('engine', () => {
  const endpoint = { host: 'unix:///x', from: 'default' }
  const engine = { version: '28', api: '1.50', os: 'Debian', runtimes: ['runc'], rootless: false }
  const all = { endpoint, refused: undefined, engine, withheld: false }
  const oks = (facts: Partial<EngineFacts>) => engineChecks({ ...all, ...facts }).map(({ name, ok }) => `${name} ${ok}`)
  test('a suitable engine', () => expect(oks({})).toEqual(['docker true', 'privileges true', 'runtime true']))
  test('no engine', () =>
    expect(oks({ endpoint: undefined, engine: undefined, withheld: undefined })).toEqual(['docker false']))
  test('an engine too old', () => expect(oks({ engine: { ...engine, api: '1.9' } })[0]).toBe('docker false'))
  test('a withheld capability needs the runtime', () => {
    expect(oks({ withheld: true })).toContain('runtime false')
    expect(oks({ engine: { ...engine, runtimes: ['runc', 'holdfast'] }, withheld: true })).toContain('runtime true')
  })
  test('the privileges of an engine on another machine are unknown', () => {
    const checks = engineChecks({ ...all, withheld: undefined })
    expect(checks.map(({ name, ok, found }) => [name, ok, found])).toEqual([
      ['docker', true, '28 (API 1.50) at unix:///x'],
      ['privileges', 'warn', 'unknown'],
      ['runtime', 'warn', 'unknown'],
    ])
  })
  test('an unusable choice has its reason and a fix', () => {
    const refused = new EngineChoiceError('HF_DOCKER_CONTEXT', 'There is no context "x".', 'Choose another one.')
    expect(engineChecks({ endpoint: undefined, refused, engine: undefined, withheld: undefined })).toEqual([
      expect.objectContaining({ ok: false, found: 'There is no context "x"', fix: 'Choose another one.' }),
    ])
  })
})

test('images come from a registry, or from Go and debootstrap', () => {
  const oks = (registry: boolean, go: string | undefined, debootstrap: boolean) =>
    judgeImageSources({ registry, go, debootstrap }).map(({ ok }) => ok)
  expect(oks(true, undefined, false)).toEqual([true, true, true])
  expect(oks(false, '1.26.1', true)).toEqual(['warn', true, true])
  expect(oks(false, undefined, false)).toEqual(['warn', false, false])
})

describe('subnets', () => {
  const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
  const route = (name: string, destination: string, mask: string) =>
    `${name}\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`
  test('parses routes in the format of the kernel', () => {
    expect(parseRoutes(head + route('tun0', '0000000A', '000000FF'))).toEqual([
      { name: 'tun0', address: 0x0a000000, bits: 8 },
    ])
  })
  test('a default route and other networks do not conflict', () => {
    const routes = parseRoutes(head + route('eth0', '00000000', '00000000') + route('eth0', '000011AC', '0000FFFF'))
    expect(subnetCheck(routes, ['172.17.0.0/16', '10.213.4.0/24'])).toMatchObject({
      ok: true,
      found: '255 free /24 in 10.213.0.0/16',
    })
  })
  test('a route that covers the range is a warning', () => {
    const found = subnetCheck(parseRoutes(head + route('tun0', '0000000A', '000000FF')), [])
    expect(found).toMatchObject({ ok: 'warn', found: '10.213.0.0/16 is routed to tun0' })
  })
  test('fewer than two free subnets fail', () => {
    const all = Array.from({ length: 255 }, (_, n) => `10.213.${n}.0/24`)
    expect(subnetCheck([], all).ok).toBe(false)
  })
})
