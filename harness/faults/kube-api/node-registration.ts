import { paths } from '../../agent/paths.ts'
import { type Component, processWith } from '../../cluster/components.ts'
import type { Machine } from '../../cluster/machine/machine.ts'

/** They register a Node only at their start. */
const registering: readonly Component[] = ['kubelet', 'flanneld']

/** Commands that restart the registering processes; the supervisor starts what they end. */
export function restarts({ spec }: Pick<Machine, 'spec'>): (readonly string[])[] {
  const processes = new Set(registering.map((name) => processWith(name, spec)).filter((name) => name !== undefined))
  return [...processes].map((name) => ['sv', 'term', `${paths.services}/${name}`])
}
