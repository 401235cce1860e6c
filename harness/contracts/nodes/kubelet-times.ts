import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeReadyAgain } from '../bounds.ts'
import { apiServersOf, downTimes, hinderedTimes, membersOf } from '../fault-effects.ts'

/** What a kubelet needs on its own machine to work and to report. */
const components = ['kubelet', 'containerd', 'apiserver-lb', 'flanneld']

/** When declared faults may keep a Node's kubelet from working or reporting: its own, and those of API servers and etcd. */
export function kubeletTimes(recording: Recording, machine: string): Interval[] {
  const { limit } = nodeReadyAgain(recording)
  const places = components.map((component) => ({ machine, component }))
  return [
    ...downTimes(recording, places, limit),
    ...hinderedTimes(recording, [...apiServersOf(recording), ...membersOf(recording)], limit),
  ]
}
