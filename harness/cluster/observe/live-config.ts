import { errorMessage } from '../../common/error-message.mjs'
import type { RecordOf } from '../../record/records.ts'
import { now } from '../../record/clock.ts'
import type { Cluster } from '../cluster.ts'
import { type Component, componentsOf, embeddedComponents } from '../components.ts'
import { ownConfiguration } from './configz.ts'
import { flagsByComponent, scriptFlags } from '../distribution/k3s/flags.ts'
import { paths } from '../../agent/paths.ts'
import type { Machine } from '../machine/machine.ts'

const admin = {
  certificate: '/etc/kubernetes/pki/admin.crt',
  key: '/etc/kubernetes/pki/admin.key',
  method: 'GET',
  timeoutMs: 5_000,
} as const

interface Reading {
  readonly machine: Machine
  readonly component: Component
  readonly source: RecordOf<'config'>['source']
  read(): Promise<readonly RecordOf<'config'>[]>
}

/** Reads every component's configuration from the components themselves, which is the only source of bounds. */
export async function liveConfig(cluster: Cluster): Promise<RecordOf<'config'>[]> {
  const records = await Promise.all(readings(cluster).map((reading) => reading.read()))
  return records.flat()
}

/** Reads it again later. What can't be read becomes a record with the error, and the others are still read. */
export async function currentConfig(cluster: Cluster): Promise<RecordOf<'config'>[]> {
  const records = await Promise.all(
    readings(cluster).map(async ({ machine, component, source, read }) => {
      const at = now()
      const off = new Error(`${machine.name} does not run`)
      const reading = machine.running().then((running) => (running ? read() : Promise.reject(off)))
      return reading.catch((error: unknown): RecordOf<'config'>[] => {
        const reason = errorMessage(error)
        return [{ kind: 'config', at, machine: machine.name, component, source, values: {}, error: reason }]
      })
    }),
  )
  return records.flat()
}

function readings(cluster: Cluster): Reading[] {
  return cluster.machines.flatMap((machine) => [
    ...componentsOf(machine.spec).map((component) => ({
      machine,
      component,
      source: 'command line' as const,
      read: () => commandLine(machine, component),
    })),
    // A component inside another process reports its settings like any other.
    ...[...componentsOf(machine.spec), ...embeddedComponents(machine.spec)].map((component) => ({
      machine,
      component,
      source: '/configz' as const,
      read: async () => [await configz(cluster, machine, component)].filter((record) => record !== undefined),
    })),
  ])
}

async function commandLine(machine: Machine, component: Component): Promise<RecordOf<'config'>[]> {
  const record = (of: Component, values: Record<string, string>): RecordOf<'config'> => ({
    kind: 'config',
    at: now(),
    machine: machine.name,
    component: of,
    source: 'command line',
    values,
  })
  if (component === 'k3s-server' || component === 'k3s-agent') {
    const argv = ['cat', `${paths.services}/${component}/run`]
    const { stdout, exitCode, stderr } = await machine.call('exec', { argv, timeoutMs: 5_000 })
    // Without its flags, every bound would be a default.
    if (exitCode !== 0) throw new Error(`${machine.name}: ${argv.join(' ')} ended with ${exitCode}: ${stderr.trim()}`)
    return [...flagsByComponent(component, scriptFlags(stdout))].map(([of, values]) => record(of, values))
  }
  const argv = await machine.call('commandLine', { component })
  const flags = argv.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split(/=(.*)/s, 2))
  return [record(component, Object.fromEntries(flags.map(([name = '', value = 'true']) => [name, value])))]
}

/** Reads a component's /configz, where it has one; a component that is not up yet reports nothing. */
async function configz(
  cluster: Cluster,
  machine: Machine,
  component: Component,
): Promise<RecordOf<'config'> | undefined> {
  const endpoint = configzUrl(cluster, machine, component)
  if (!endpoint) return undefined
  const { status, body } = await endpoint.by.call('http', {
    ...admin,
    ...(endpoint.plain ? { certificate: '', key: '' } : {}),
    url: endpoint.url,
  })
  if (status !== 200) throw new Error(`${component} on ${machine.name} answered ${status} to /configz`)
  const values = ownConfiguration(component, body)
  return values && { kind: 'config', at: now(), machine: machine.name, component, source: '/configz', values }
}

function configzUrl(
  { controlPlane }: Cluster,
  machine: Machine,
  component: Component,
): { by: Machine; url: string; plain?: boolean } | undefined {
  switch (component) {
    case 'kube-scheduler':
      return { by: machine, url: 'https://127.0.0.1:10259/configz' }
    case 'kube-controller-manager':
      return { by: machine, url: 'https://127.0.0.1:10257/configz' }
    case 'kube-proxy':
      return { by: machine, url: 'http://127.0.0.1:10249/configz', plain: true }
    case 'kubelet': {
      const [by] = controlPlane
      return by && { by, url: `https://127.0.0.1:6443/api/v1/nodes/${machine.name}/proxy/configz` }
    }
    default:
      return undefined
  }
}
