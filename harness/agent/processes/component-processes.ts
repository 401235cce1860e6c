import { readFile, readdir, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Component } from '../../common/component.ts'
import { unlessAbsent } from '../ttl/absence.ts'

/** A process of a component, started by any process. `startedAt` in clock ticks since boot. */
export interface ComponentProcess {
  readonly component: Component
  readonly pid: number
  readonly startedAt: string
}

interface Found extends ComponentProcess {
  readonly parent: number
}

const executables: Readonly<Record<string, Component>> = {
  etcd: 'etcd',
  'kube-apiserver': 'kube-apiserver',
  'kube-scheduler': 'kube-scheduler',
  'kube-controller-manager': 'kube-controller-manager',
  containerd: 'containerd',
  kubelet: 'kubelet',
  'kube-proxy': 'kube-proxy',
  flanneld: 'flanneld',
  haproxy: 'apiserver-lb',
}

/**
 * Returns every process of a component in this machine. A child of a process of the same component counts as that one: a
 * program that starts another one exists twice until the exec. Pod processes, which have their own pid namespace, don't
 * count.
 */
export async function componentProcesses(proc = '/proc'): Promise<ComponentProcess[]> {
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name))
  const own = await namespaceOf(proc, 'self')
  const found = (await Promise.all(pids.map((pid) => read(proc, pid, own)))).filter((one) => one !== undefined)
  const kinds = new Map(found.map(({ pid, component }) => [pid, component]))
  return found
    .filter(({ parent, component }) => kinds.get(parent) !== component)
    .map(({ component, pid, startedAt }) => ({ component, pid, startedAt }))
    .sort((a, b) => a.pid - b.pid)
}

async function read(proc: string, pid: string, own: string | undefined): Promise<Found | undefined> {
  const command = await unlessAbsent(readFile(`${proc}/${pid}/cmdline`, 'utf8'))
  const component = command === undefined ? undefined : await componentOf(proc, pid, command)
  if (component === undefined) return undefined
  const stat = await unlessAbsent(readFile(`${proc}/${pid}/stat`, 'utf8'))
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined
  const namespace = await namespaceOf(proc, pid)
  if (own !== undefined && namespace !== undefined && namespace !== own) return undefined
  return { component, pid: Number(pid), parent: Number(fields[1]), startedAt: fields[19] ?? '' }
}

/** Identifies the component by the name in the command line, or by the executable. */
async function componentOf(proc: string, pid: string, command: string): Promise<Component | undefined> {
  const argv = command.split('\0')
  const k3s = /(?:^|\/)k3s[ -](server|agent)\b/.exec(argv.join(' '))?.[1]
  if (k3s) return k3s === 'server' ? 'k3s-server' : 'k3s-agent'
  const named = executables[basename(argv[0] ?? '')]
  if (named || command === '') return named
  const executable = await readlink(`${proc}/${pid}/exe`).catch(() => '')
  return executables[basename(executable).replace(/ \(deleted\)$/, '')]
}

function namespaceOf(proc: string, pid: string): Promise<string | undefined> {
  return readlink(`${proc}/${pid}/ns/pid`).catch(() => undefined)
}
