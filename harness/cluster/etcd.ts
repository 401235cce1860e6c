import { type EtcdOptions, etcdRequest, memberPki } from '../agent/etcd/etcd-client.ts'
import type { Machine } from './machine/machine.ts'

/** Arguments with which etcdctl authenticates on an etcd machine. */
export const etcdctlCredentials = [
  `--cacert=${memberPki.authority}`,
  `--cert=${memberPki.certificate}`,
  `--key=${memberPki.key}`,
] as const

/** Returns the URL at which an etcd machine serves clients. */
export function clientUrl({ spec }: Pick<Machine, 'spec'>): string {
  return `https://${spec.address}:2379`
}

/** Sends a request to an etcd member from a machine: see `etcdRequest`. */
export function etcdRequestFrom(
  from: Pick<Machine, 'call'>,
  path: string,
  body: object | undefined,
  options: EtcdOptions,
): Promise<unknown> {
  return etcdRequest((spec) => from.call('http', spec), path, body, options)
}
