import type { Machine } from './machine/machine.ts'

/** Returns the URL at which an etcd machine serves clients. */
export function clientUrl({ spec }: Pick<Machine, 'spec'>): string {
  return `https://${spec.address}:2379`
}
