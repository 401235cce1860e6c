import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { memberRejoin, quorumRecovery } from '../bounds.ts'
import { reconnectTimes } from '../etcd/reconnect.ts'
import { downTimes, hinderedTimes, membersOf } from '../fault-effects.ts'

/** When declared faults may have kept an API server from its work: its own, and those of etcd. What lasts longer is not excused. */
export function excusedTimes(recording: Recording, machine: string): Interval[] {
  return [
    ...downTimes(recording, [{ machine, component: 'kube-apiserver' }], memberRejoin(recording).limit),
    ...hinderedTimes(recording, membersOf(recording), quorumRecovery(recording).limit),
    ...reconnectTimes(recording),
  ]
}
