import type { MachineFile } from '../files.ts'
import { paths } from './paths.ts'

/** A component as runit runs it: what it waits for on its first start, then what it is. */
export interface Service {
  readonly name: string
  readonly command: string
  /** Flag names without dashes. `true` is a bare flag. */
  readonly flags?: Readonly<Record<string, string | number | boolean>>
  readonly awaits?: readonly Prerequisite[]
}

/** Facts, not log lines: a socket that exists, an API server that says it is ready. */
type Prerequisite = 'containerd' | 'api-servers'

const tests: Readonly<Record<Prerequisite, string>> = {
  containerd: `[ -S ${paths.containerdSocket} ]`,
  'api-servers': 'curl -sfk -o /dev/null --max-time 2 https://127.0.0.1:7443/readyz',
}

/**
 * Only a machine's very first start waits: it saves the restarts and the back-off of components that are up before
 * what they need. Later a component has to cope by itself, as it must in any cluster.
 */
export function serviceFile(service: Service): MachineFile {
  const marker = `${paths.services}/${service.name}/started-once`
  const waits = (service.awaits ?? []).map((what) => `  until ${tests[what]}; do sleep 0.1; done`)
  const lines = [
    '#!/bin/sh',
    `exec >>${paths.logs}/${service.name}.log 2>&1`,
    ...(waits.length > 0 ? [`if [ ! -e ${marker} ]; then`, ...waits, `  touch ${marker}`, 'fi'] : []),
    `exec ${[service.command, ...flagList(service.flags ?? {})].join(' \\\n  ')}`,
  ]
  return { path: `${paths.services}/${service.name}/run`, content: `${lines.join('\n')}\n`, mode: 0o755 }
}

function flagList(flags: NonNullable<Service['flags']>): string[] {
  return Object.entries(flags).map(([name, value]) => `'--${name}=${String(value)}'`)
}
