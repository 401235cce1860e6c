import type { V1Service } from '@kubernetes/client-node'
import type { Machine } from '../cluster/machine.ts'
import { serviceNetwork } from '../cluster/machine-spec.ts'
import { now } from '../record/clock.ts'
import type { RecordOf } from '../record/records.ts'
import { nameOf } from './reaching.ts'

const timeoutMs = 3_000
/** What a resolver says of a name that has no address. */
const nothing = /ENOTFOUND|ENODATA/

/** What others say of a Service: its health check on each machine, and the cluster's DNS. */
export class Asking {
  readonly #emit: (record: RecordOf<'health'> | RecordOf<'name'>) => void

  constructor(emit: (record: RecordOf<'health'> | RecordOf<'name'>) => void) {
    this.#emit = emit
  }

  /** Asks a machine's kube-proxy whether it has an endpoint for a Service that is balanced from outside. */
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

  /** Asks the cluster's DNS, from a machine, for a Service's name. */
  async name(machine: Machine, service: V1Service): Promise<RecordOf<'name'>> {
    const { namespace, name } = service.metadata ?? {}
    const asked = `${name}.${namespace}.svc.cluster.local`
    const about = { kind: 'name', at: now(), machine: machine.name, service: nameOf(service), name: asked } as const
    const question = { server: serviceNetwork.dns, name: asked, timeoutMs }
    const record = await machine.call('resolve', question).then(
      ({ addresses }) => ({ ...about, endedAt: now(), answered: true, addresses }),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        return { ...about, endedAt: now(), answered: nothing.test(message), addresses: [], error: message }
      },
    )
    this.#emit(record)
    return record
  }
}
