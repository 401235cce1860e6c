import type { V1Service } from '@kubernetes/client-node'
import { errorMessage } from '../../common/error-message.mjs'
import type { Machine } from '../../cluster/machine/machine.ts'
import { serviceNetwork } from '../../cluster/machine/machine-spec.ts'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import { nameOf } from './packet-sender.ts'

const timeoutMs = 3_000
/** A resolver's errors for a name without an address. */
const nothing = /ENOTFOUND|ENODATA/

/** Queries about a Service: its health check on each machine, and the cluster's DNS. */
export class Queries {
  readonly #emit: (record: RecordOf<'health'> | RecordOf<'name'>) => void

  constructor(emit: (record: RecordOf<'health'> | RecordOf<'name'>) => void) {
    this.#emit = emit
  }

  /** Requests a Service's health check from a machine's kube-proxy: whether the machine has an endpoint. */
  async health(machine: Machine, service: V1Service): Promise<RecordOf<'health'>> {
    const port = service.spec?.healthCheckNodePort ?? 0
    const url = `http://${machine.spec.address}:${port}/healthz`
    const about = { kind: 'health', at: now(), machine: machine.name, service: nameOf(service), port } as const
    const record = await machine.call('http', { url, method: 'GET', timeoutMs }).then(
      ({ status, body }) => ({ ...about, endedAt: now(), status, body: body.slice(0, 400) }),
      (error: unknown) => ({ ...about, endedAt: now(), status: 0, body: String(error).slice(0, 400) }),
    )
    this.#emit(record)
    return record
  }

  /** Resolves a Service's name with the cluster's DNS, from a machine. */
  async name(machine: Machine, service: V1Service): Promise<RecordOf<'name'>> {
    const { namespace, name } = service.metadata ?? {}
    const host = `${name}.${namespace}.svc.cluster.local`
    const about = { kind: 'name', at: now(), machine: machine.name, service: nameOf(service), name: host } as const
    const question = { server: serviceNetwork.dns, name: host, timeoutMs }
    const record = await machine.call('resolve', question).then(
      ({ addresses }) => ({ ...about, endedAt: now(), answered: true, addresses }),
      (error: unknown) => {
        const message = errorMessage(error)
        return { ...about, endedAt: now(), answered: nothing.test(message), addresses: [], error: message }
      },
    )
    this.#emit(record)
    return record
  }
}
