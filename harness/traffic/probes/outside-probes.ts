import { Probes } from '../../agent/probes/probes.ts'
import type { Kubernetes } from '../../cluster/api/kubernetes.ts'
import type { JournalRecord } from '../../record/records.ts'
import { apiServerTarget } from './probe-targets.ts'

const timeoutMs = 900

/** Probes each API server through its published port, as a client outside of the cluster does. */
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
