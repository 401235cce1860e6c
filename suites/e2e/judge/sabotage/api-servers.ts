import type { Cluster } from '../../../../harness/cluster/cluster.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { watchReport, writeSilence } from '../../../../harness/contracts/bounds.ts'
import { byHand } from '../never-recovers/by-hand.ts'
import type { Sabotage } from './sabotage.ts'

const forMs = 2 * Math.max(watchReport.limit, writeSilence.limit)

/** One of two API servers is frozen while the other one reports changes. */
export const silentWatch: Sabotage = {
  name: 'silent-watch',
  topology: 'ha',
  // The server is thawed at the end, and may report then what it missed.
  expected: [{ contract: 'API-16', code: ['WATCH_SILENT', 'WATCH_LATE'] }],
  async use({ traffic, consistently }, sabotage) {
    await traffic.deploy('web', { replicas: 2 })
    await sabotage()
    await consistently('the cluster runs undisturbed', () => true, { forMs, intervalMs: 1_000 })
  },
  breaks: frozenServer,
}

/** One of two API servers confirms no write while the other one does. */
export const unwritableServer: Sabotage = {
  name: 'unwritable-server',
  topology: 'ha',
  expected: [{ contract: 'API-17', code: 'NOT_WRITABLE' }],
  async use({ traffic, consistently }, sabotage) {
    await traffic.ledger()
    await sabotage()
    await consistently('clients write', () => true, { forMs, intervalMs: 1_000 })
  },
  breaks: frozenServer,
}

/** Freezes the API server until the repair: it keeps its connections and answers nothing. */
async function frozenServer({ controlPlane }: Cluster): Promise<AsyncDisposable> {
  const machine = controlPlane.at(-1)
  if (!machine) throw new Error('the cluster has no API server')
  await signalServer(machine, 'STOP')
  return { [Symbol.asyncDispose]: () => signalServer(machine, 'CONT') }
}

function signalServer(machine: Machine, name: 'STOP' | 'CONT'): Promise<void> {
  return byHand(machine, `pkill -${name} -x kube-apiserver`)
}
