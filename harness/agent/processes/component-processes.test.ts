import { mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { componentProcesses } from './component-processes.ts'

interface Process {
  readonly command: string
  readonly parent?: number
  readonly state?: string
  readonly executable?: string
  readonly namespace?: string
}

async function found(processes: Readonly<Record<string, Process>>): Promise<string[]> {
  await using proc = await mkdtempDisposable(join(tmpdir(), 'holdfast-proc-'))
  const all = { self: { command: '', namespace: 'pid:[1]' }, ...processes }
  for (const [pid, one] of Object.entries<Process>(all)) {
    const folder = join(proc.path, pid)
    await mkdir(join(folder, 'ns'), { recursive: true })
    await symlink(one.namespace ?? 'pid:[1]', join(folder, 'ns/pid'))
    await symlink(one.executable ?? '/bin/other', join(folder, 'exe'))
    await writeFile(join(folder, 'cmdline'), one.command.split(' ').join('\0'))
    const rest = Array.from({ length: 17 }, () => '0').join(' ')
    await writeFile(join(folder, 'stat'), `${pid} (a name) ${one.state ?? 'S'} ${one.parent ?? 1} ${rest} ${pid}00 0`)
  }
  return (await componentProcesses(proc.path)).map(
    ({ component, pid, startedAt }) => `${component} ${pid} ${startedAt}`,
  )
}

test('finds every process of a component, under any name', async () => {
  const processes = {
    10: { command: '/usr/bin/kubelet --config=x' },
    20: { command: 'kube-scheduler --leader-elect=true' },
    30: { command: 'harmless', executable: '/usr/bin/kube-scheduler' },
    40: { command: '/bin/k3s server' },
    50: { command: 'haproxy -db' },
    60: { command: 'runsv kubelet' },
    70: { command: 'containerd-shim-runc-v2' },
  }
  expect(await found(processes)).toEqual([
    'kubelet 10 1000',
    'kube-scheduler 20 2000',
    'kube-scheduler 30 3000',
    'k3s-server 40 4000',
    'apiserver-lb 50 5000',
  ])
})

test('counts neither a child before its exec, nor a zombie, nor a process of a pod', async () => {
  const processes = {
    10: { command: 'kube-proxy' },
    20: { command: 'kube-proxy', parent: 10 },
    30: { command: 'kube-proxy', state: 'Z' },
    40: { command: 'kube-proxy', namespace: 'pid:[2]' },
  }
  expect(await found(processes)).toEqual(['kube-proxy 10 1000'])
})
