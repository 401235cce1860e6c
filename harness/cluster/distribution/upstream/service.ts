import { afterApiServer, type Component } from '../../components.ts'
import type { MachineFile } from '../files.ts'
import { paths } from '../../../agent/paths.ts'

/** A component as a runit service. */
export interface Service {
  readonly name: Component
  readonly command: string
  /** Left down at a machine's first start, until a boot starts it. Default: whether it is in `afterApiServer`. */
  readonly held?: boolean
  /** Each start waits for this file. */
  readonly awaits?: string
  /** A shell command that has to succeed before the first start on a machine. */
  readonly awaitsOnce?: string
  /** Flag names without dashes; a flag with several values is repeated. */
  readonly flags?: Readonly<Record<string, FlagValue | readonly FlagValue[]>>
}

/**
 * Go's garbage collector runs a quarter as often, for a third more memory. A boot is bound by the processor, and a tenth of
 * its processor time collects garbage of components that start. https://go.dev/doc/gc-guide#GOGC
 */
const garbageCollection = 'GOGC=400'

type FlagValue = string | number | boolean

export function serviceFiles({
  name,
  command,
  flags = {},
  awaits,
  awaitsOnce,
  held = afterApiServer.includes(name),
}: Service): MachineFile[] {
  const args = Object.entries(flags).flatMap(([flag, value]) =>
    [value].flat().map((one) => `'--${flag}=${String(one)}'`),
  )
  const folder = `${paths.services}/${name}`
  const wait = awaits ? until(`[ -s ${awaits} ]`) : ''
  const begun = `${folder}/begun`
  const waitOnce = awaitsOnce ? `[ -e ${begun} ] || {\n${until(awaitsOnce)}touch ${begun}\n}\n` : ''
  const content = `#!/bin/sh\nexport ${garbageCollection}\nexec >>${paths.logs}/${name}.log 2>&1\n${wait}${waitOnce}exec ${[command, ...args].join(' \\\n  ')}\n`
  return [
    { path: `${folder}/run`, content, mode: 0o755 },
    // runit starts a service by itself unless this file exists; the agent removes it with the first start.
    ...(held ? [{ path: `${folder}/down`, content: '' }] : []),
  ]
}

function until(command: string): string {
  return `until ${command}; do sleep 0.1; done\n`
}
