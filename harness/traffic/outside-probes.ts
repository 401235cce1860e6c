import { Probes } from '../cluster/agent/probes.ts'
import type { Kubernetes } from '../cluster/kubernetes.ts'
import type { JournalRecord } from '../record/records.ts'
import { apiServerTarget } from './probe-targets.ts'

const timeoutMs = 900

/** Asks each API server from outside of the cluster, through its published port: what an administrator's own client sees. */
export class OutsideProbes implements Disposable {
  readonly #probes: Probes

  constructor({ servers }: Kubernetes, perSecond: number, emit: (record: JournalRecord) => void) {
    this.#probes = new Probes(emit)
    for (const { name, url } of servers) {
      const { hostname, port } = new URL(url)
      const where = { address: hostname, port: Number(port), service: `apiserver@${name}` }
      this.#probes.start({ ...apiServerTarget, ...where, id: `outside-${name}`, from: 'outside', perSecond, timeoutMs })
    }
  }

  [Symbol.dispose](): void {
    this.#probes.stop()
  }
}
