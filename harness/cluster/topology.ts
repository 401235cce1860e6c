import { HoldfastError } from '../common/errors.ts'

export type Role = 'etcd' | 'control-plane' | 'worker'

/** A machine in a topology; its addresses come later, from the networks that were free. */
export interface MachinePlan {
  readonly name: string
  readonly role: Role
  /** Unique in the cluster, from 1: the host part of its addresses and its pod range derive from it. */
  readonly index: number
  readonly zone: string
}

export interface Topology {
  readonly name: string
  readonly machines: readonly MachinePlan[]
}

interface Shape {
  readonly etcd: number
  readonly controlPlane: number
  readonly workers: number
  readonly zones: number
}

const presets: Readonly<Record<string, Shape>> = {
  single: { etcd: 1, controlPlane: 1, workers: 1, zones: 1 },
  ha: { etcd: 3, controlPlane: 2, workers: 3, zones: 1 },
  wide: { etcd: 3, controlPlane: 2, workers: 5, zones: 2 },
}

export const topologyNames: readonly string[] = Object.keys(presets)

/** @throws HoldfastError HF_UNKNOWN_TOPOLOGY */
export function topology(name: string): Topology {
  const shape = presets[name]
  if (!shape) {
    throw new HoldfastError('HF_UNKNOWN_TOPOLOGY', `There is no topology "${name}".`, {
      hint: `Choose one of ${topologyNames.join(', ')}.`,
      exitCode: 64,
    })
  }
  const machines: MachinePlan[] = []
  const add = (role: Role, count: number): void => {
    for (let n = 1; n <= count; n++) {
      const zone = `zone-${((n - 1) % shape.zones) + 1}`
      machines.push({ name: `${role}${n}`, role, index: machines.length + 1, zone })
    }
  }
  add('etcd', shape.etcd)
  add('control-plane', shape.controlPlane)
  add('worker', shape.workers)
  return { name, machines }
}

/** Returns the next worker: it is planned with the others, and joins only on request. */
export function nextWorker({ machines }: Topology): MachinePlan {
  const workers = machines.filter(({ role }) => role === 'worker')
  const zones = new Set(machines.map(({ zone }) => zone)).size
  return {
    name: `worker${workers.length + 1}`,
    role: 'worker',
    index: machines.length + 1,
    zone: `zone-${(workers.length % zones) + 1}`,
  }
}
