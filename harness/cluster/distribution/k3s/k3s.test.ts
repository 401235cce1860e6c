import { createDecipheriv, createHash, createPrivateKey, pbkdf2Sync, X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fromBase64 } from '../../../common/base64.ts'
import { k3s as pinned } from '../../../images/third-party/foreign.ts'
import type { MachineSpec } from '../../machine/machine-spec.ts'
import { specs } from '../../machine/specs.ts'
import { timings } from '../../timings.ts'
import { topology } from '../../topology.ts'
import type { Distribution, MachineParts, PreparedCluster } from '../distribution.ts'
import { flagsByComponent, scriptFlags } from './flags.ts'
import { k3s } from './k3s.ts'
import { standaloneByDefault, separable, type Separation } from './embedded.ts'

const official = { reference: pinned.image, id: 'sha256:1', digest: 'sha256:2', origin: 'present' } as const
const images = { official, k3sMachine: 'holdfast/k3s:1', machine: 'holdfast/machine:1' }
const options = { timings: timings('brisk'), proxyMode: 'nftables', schedulerLeaderElection: true } as const
const subnets = { cluster: { prefix: '10.213.0' }, peers: { prefix: '10.213.1' } }

interface Planned {
  readonly distribution: Distribution
  readonly machines: readonly MachineSpec[]
  readonly prepared: PreparedCluster
}

async function planned(separation: Separation): Promise<Planned> {
  const distribution = k3s({ ...images, ...separation })
  const machines = specs(topology('ha'), subnets, distribution)
  return { distribution, machines, prepared: await distribution.prepare(machines, options) }
}

let standalone: Planned
let together: Planned
let everyProxy: Planned
beforeAll(async () => {
  standalone = await planned({ standalone: standaloneByDefault, inside: {} })
  everyProxy = await planned({ standalone: separable, inside: {} })
  const inside = { 'kube-scheduler': 'one process', 'kube-controller-manager': 'one process' }
  together = await planned({ standalone: [], inside })
})

function parts({ machines, prepared }: Planned, name: string): MachineParts {
  const machine = machines.find((one) => one.name === name)
  if (!machine) throw new Error(`no ${name}`)
  return prepared.machine(machine)
}

function file(of: MachineParts, path: string): string {
  const found = of.files.find((one) => one.path === path)
  if (!found) throw new Error(`no ${path}; there is ${of.files.map((one) => one.path).join(', ')}`)
  return found.content
}

const flagsOf = (of: Planned, machine: string, component: 'k3s-server' | 'k3s-agent' | 'kube-scheduler') =>
  flagsByComponent(component, scriptFlags(file(parts(of, machine), `/opt/holdfast/sv/${component}/run`)))

test('a server keeps its state in the etcd machines and runs no standalone component', () => {
  const server = flagsOf(standalone, 'control-plane1', 'k3s-server').get('k3s-server')
  expect(server).toMatchObject({
    'datastore-endpoint': 'https://10.213.0.11:2379,https://10.213.0.12:2379,https://10.213.0.13:2379',
    'advertise-address': '10.213.0.14',
    'disable-scheduler': 'true',
    'disable-controller-manager': 'true',
  })
  expect(server).not.toHaveProperty('token')
  expect(standalone.distribution.componentsOf('control-plane')).toEqual([
    'k3s-server',
    'kube-scheduler',
    'kube-controller-manager',
  ])
})

test('an embedded component gets its timings through the server, and has a reason', () => {
  const flags = flagsOf(together, 'control-plane2', 'k3s-server')
  expect(flags.get('kube-controller-manager')).toMatchObject({
    'node-monitor-grace-period': '18s',
    'leader-elect-lease-duration': '6s',
  })
  expect(flags.get('kube-scheduler')).toMatchObject({ 'leader-elect-lease-duration': '6s' })
  expect(flags.get('k3s-server')).not.toHaveProperty('disable-scheduler')
  expect(together.distribution.componentsOf('control-plane')).toEqual(['k3s-server'])
  expect(together.distribution.embedded('control-plane')).toMatchObject({ 'kube-scheduler': 'one process' })
})

test('an agent gets one server, takes the kube-proxy mode, and waits until a server answers', () => {
  const agent = parts(standalone, 'worker1')
  const flags = flagsOf(standalone, 'worker1', 'k3s-agent')
  expect(flags.get('k3s-agent')).toMatchObject({ server: 'https://10.213.0.14:6443', 'node-name': 'worker1' })
  expect(flags.get('kube-proxy')).toMatchObject({ 'proxy-mode': 'nftables' })
  expect(agent.files.map(({ path }) => path)).toContain('/opt/holdfast/sv/k3s-agent/down')
  expect(standalone.distribution.embedded('worker')).toMatchObject({
    kubelet: 'kubelet and kube-proxy are one process in a k3s agent',
  })
})

test('standalone kube-proxy runs on every Node with the settings of k3s, once k3s has its credentials', () => {
  for (const [name, of] of [
    ['control-plane1', 'k3s-server'],
    ['worker1', 'k3s-agent'],
  ] as const) {
    const machine = parts(everyProxy, name)
    expect(flagsOf(everyProxy, name, of).has('kube-proxy')).toBe(false)
    const script = file(machine, '/opt/holdfast/sv/kube-proxy/run')
    expect(script).toContain('until [ -s /var/lib/rancher/k3s/agent/kubeproxy.kubeconfig ]')
    expect(Object.fromEntries(scriptFlags(script))).toMatchObject({
      kubeconfig: '/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig',
      'proxy-mode': 'nftables',
      'hostname-override': name,
      'cluster-cidr': '10.244.0.0/16',
    })
  }
  expect(flagsOf(everyProxy, 'control-plane1', 'k3s-server').get('k3s-server')).toMatchObject({
    'disable-kube-proxy': 'true',
  })
  expect(flagsOf(standalone, 'control-plane1', 'k3s-server').get('k3s-server')).not.toHaveProperty('disable-kube-proxy')
  expect(everyProxy.distribution.componentsOf('worker')).toEqual(['k3s-agent', 'kube-proxy'])
  expect(everyProxy.distribution.embedded('worker')).not.toHaveProperty('kube-proxy')
})

test('servers are held back until etcd has their shared data, an agent until Nodes may join', () => {
  const paths = (name: string) => parts(standalone, name).files.map(({ path }) => path)
  for (const name of ['control-plane1', 'control-plane2'])
    expect(paths(name)).toContain('/opt/holdfast/sv/k3s-server/down')
  expect(standalone.prepared.startGates?.map(({ component, machines }) => [component, ...machines])).toEqual([
    ['k3s-server', 'control-plane1', 'control-plane2'],
    ['k3s-agent', 'worker1', 'worker2', 'worker3'],
  ])
  expect(standalone.prepared.startGates?.map(({ afterApiServer = false }) => afterApiServer)).toEqual([false, true])
})

test('data that servers share has the name and key that k3s derives from their token, and equals that on their disks', async () => {
  const [hold] = standalone.prepared.startGates ?? []
  const calls: { body?: string | undefined }[] = []
  const etcd = {
    call: (_: string, spec: { body?: string }) => Promise.resolve({ status: calls.push(spec) && 200, body: '{}' }),
  }
  await hold?.open({ machine: () => Promise.resolve(etcd as never), url: () => '' })
  const put = JSON.parse(calls[0]?.body ?? '{}') as { key: string; value: string }
  const token = file(parts(standalone, 'control-plane1'), '/etc/holdfast/token')
  expect(fromBase64(put.key)).toBe(`/bootstrap/${createHash('sha256').update(token).digest('hex').slice(0, 12)}`)
  const [salt = '', rest = ''] = fromBase64(put.value).split(':')
  const sealed = Buffer.from(rest, 'base64')
  const cipher = createDecipheriv('aes-256-gcm', pbkdf2Sync(token, salt, 4096, 32, 'sha1'), sealed.subarray(0, 12))
  cipher.setAuthTag(sealed.subarray(-16))
  const record = JSON.parse(cipher.update(sealed.subarray(12, -16), undefined, 'utf8') + cipher.final('utf8')) as object
  const shared = Object.entries(record as Record<string, { Content: string }>).map(([name, { Content }]) => [
    name,
    fromBase64(Content),
  ])
  const onDisk = (path: string): string =>
    file(parts(standalone, 'control-plane2'), `/var/lib/rancher/k3s/server/tls/${path}`)
  expect(Object.fromEntries(shared)).toEqual({
    ETCDServerCA: onDisk('etcd/server-ca.crt'),
    ETCDServerCAKey: onDisk('etcd/server-ca.key'),
    ServerCA: onDisk('server-ca.crt'),
    ServerCAKey: onDisk('server-ca.key'),
    ClientCA: onDisk('client-ca.crt'),
    ClientCAKey: onDisk('client-ca.key'),
    RequestHeaderCA: onDisk('request-header-ca.crt'),
    RequestHeaderCAKey: onDisk('request-header-ca.key'),
    ServiceKey: onDisk('service.key'),
  })
})

test('an agent authenticates with its certificate, and joins with a bootstrap token', () => {
  const [secret] = standalone.prepared.objects ?? []
  const { 'token-id': id, 'token-secret': rest } = (secret?.['stringData'] ?? {}) as Record<string, string>
  expect(secret?.metadata?.name).toBe(`bootstrap-token-${id}`)
  expect(file(parts(standalone, 'worker1'), '/etc/holdfast/token')).toBe(`${id}.${rest}`)
  expect(`${id}.${rest}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
  expect(file(parts(standalone, 'control-plane1'), '/etc/holdfast/token')).toBe(
    file(parts(standalone, 'control-plane2'), '/etc/holdfast/token'),
  )
  expect(file(parts(standalone, 'control-plane1'), '/etc/holdfast/token')).not.toContain(rest)
  const { subject } = new X509Certificate(
    file(parts(standalone, 'worker2'), '/var/lib/rancher/k3s/agent/client-kubelet.crt'),
  )
  expect(subject).toBe('O=system:nodes\nCN=system:node:worker2')
})

test('the kubelet gets the timings in a drop-in, and pods a runtime that requests no more than the host gives', () => {
  const agent = parts(standalone, 'worker1')
  const kubelet: unknown = parse(file(agent, '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/10-holdfast.conf'))
  expect(kubelet).toMatchObject({ failCgroupV1: false, nodeLeaseDurationSeconds: 16, nodeStatusUpdateFrequency: '4s' })
  const containerd = file(agent, '/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d/holdfast.toml')
  expect(containerd).toContain("BinaryName = '/opt/holdfast/bin/runc-holdfast'")
})

test('a pod that starts before flannel finds the file that flannel will write', () => {
  const init = (name: string) => file(parts(standalone, name), '/opt/holdfast/init')
  expect(init('worker1')).toContain('FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.6.1/24\n')
  expect(init('control-plane1')).toContain('FLANNEL_SUBNET=10.244.4.1/24\n')
})

test("etcd trusts a server's own client: its authority is the members'", () => {
  const server = parts(standalone, 'control-plane1')
  const authority = file(server, '/var/lib/rancher/k3s/server/tls/etcd/server-ca.crt')
  expect(authority).toBe(file(parts(standalone, 'etcd1'), '/etc/etcd/pki/ca.crt'))
  const key = file(server, '/var/lib/rancher/k3s/server/tls/etcd/server-ca.key')
  expect(new X509Certificate(authority).checkPrivateKey(createPrivateKey(key))).toBe(true)
})

test('all servers have the same authorities, and only root can read their keys', () => {
  const tls = (name: string) =>
    parts(standalone, name).files.filter(({ path }) => path.startsWith('/var/lib/rancher/k3s/server/tls/'))
  expect(tls('control-plane1')).toEqual(tls('control-plane2'))
  expect(tls('worker1')).toEqual([])
  for (const { path, mode } of tls('control-plane1')) if (path.endsWith('.key')) expect(mode, path).toBe(0o600)
  expect(parts(standalone, 'worker1').files.find(({ path }) => path === '/etc/holdfast/token')?.mode).toBe(0o600)
})

test('the first etcd member starts alone once the others are reachable, and they start once it answers', () => {
  const run = (name: string) => file(parts(standalone, name), '/opt/holdfast/sv/etcd/run')
  expect(run('etcd1')).toMatch(
    /\/begun \] \|\| \{\nuntil \{ curl .*10\.213\.1\.12:2380; .* && \{ curl .*10\.213\.1\.13:2380; .*; do/,
  )
  expect(run('etcd1')).not.toContain('/members')
  for (const name of ['etcd2', 'etcd3'])
    expect(run(name)).toMatch(/\/begun \] \|\| \{\nuntil curl .* https:\/\/10\.213\.1\.11:2380\/members;/)
})

test('etcd machines and the sidecars of k3s machines use the Holdfast image', () => {
  expect(parts(standalone, 'etcd1')).toMatchObject({ image: images.machine })
  expect(parts(standalone, 'etcd1').sidecar).toBeUndefined()
  expect(parts(standalone, 'worker1')).toMatchObject({ image: images.k3sMachine, sidecar: { image: images.machine } })
})

test('the load program finds the authority of the API servers in the sidecar of any Node', () => {
  const server = file(parts(standalone, 'control-plane1'), '/var/lib/rancher/k3s/server/tls/server-ca.crt')
  for (const name of ['control-plane2', 'worker1']) {
    const beside = parts(standalone, name).sidecar?.files.find(({ path }) => path === '/etc/kubernetes/pki/ca.crt')
    expect(beside?.content, name).toBe(server)
  }
})

test('the record has the digest of the image, or its engine id without one', () => {
  expect(standalone.distribution.image).toBe(`${pinned.image}@sha256:2`)
  expect(k3s({ ...images, official: { ...official, digest: '' }, standalone: [], inside: {} }).image).toBe(
    `${pinned.image} (sha256:1)`,
  )
})
