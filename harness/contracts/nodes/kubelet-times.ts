import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeReadyAgain } from '../bounds.ts'
import { apiServersOf, downTimes, hinderedTimes, membersOf, type Place } from '../fault-effects.ts'

/** What a kubelet needs on its own machine to work and to report. */
const components = ['kubelet', 'containerd', 'apiserver-lb', 'flanneld']

/** When declared faults may keep a Node's kubelet from working or reporting: its own, and those of API servers and etcd. */
export function kubeletTimes(recording: Recording, machine: string): Interval[] {
  const { limit } = nodeReadyAgain(recording)
  const places = placesOn(machine)
  return [
    ...downTimes(recording, places, limit),
    ...hinderedTimes(recording, [...apiServersOf(recording), ...membersOf(recording)], limit),
  ]
}

/** When declared faults of a Node's own machine may keep its kubelet from working or reporting, without the time to recover. */
export function ownFaultTimes(recording: Recording, machine: string): Interval[] {
  return downTimes(recording, placesOn(machine), 0)
}

function placesOn(machine: string): Place[] {
  return components.map((component) => ({ machine, component }))
}
