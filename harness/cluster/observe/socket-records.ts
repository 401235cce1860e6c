import { errorMessage } from '../../common/error-message.mjs'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { OutsideRequest } from '../api/outside-client.ts'

const etcdClientPort = 2379
/** A connection that both the first and the last round report existed in the round between. */
const rounds = 3

/** Records each machine's connections with etcd's client port, in rounds in sequence. A machine that does not answer becomes a gap. */
export async function recordSockets(
  machines: readonly OutsideRequest[],
  emit: (record: JournalRecord) => void,
): Promise<void> {
  for (let round = 0; round < rounds; round++) await Promise.all(machines.map((machine) => recordOf(machine, emit)))
}

async function recordOf(machine: OutsideRequest, emit: (record: JournalRecord) => void): Promise<void> {
  const at = now()
  try {
    const found = await machine.call('sockets', { port: etcdClientPort })
    emit(machine.onOurClock({ kind: 'sockets', machine: machine.name, port: etcdClientPort, ...found }))
  } catch (error) {
    const reason = errorMessage(error)
    emit({ kind: 'gap', at, source: machine.name, resource: 'sockets', until: now(), reason })
  }
}
