import type { Recording } from '../../judge/recording/recording.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { nodeStatusUpdateFrequency } from '../bound-settings.ts'
import { processRestart, watchDelayMs } from '../bounds.ts'
import { setting } from '../live-settings.ts'

/** Until pods of two Nodes reach each other after packets between the Nodes were lost: flannel may have to restore a route. */
export const linkRestored: Bound = {
  limit: 11_000,
  unit: 'ms',
  source:
    '10 s between two checks of the routes by flannel (fixed in its code) + 1 s stated by Holdfast to restore one',
}

/** The same after a machine or its pods were down: its components and pods start first. */
export function machineNetworkRestored(): Bound {
  const { limit, source } = processRestart()
  return { limit: limit + linkRestored.limit, unit: 'ms', source: `${source} + ${linkRestored.source}` }
}

/** The kubelet reads the state of its container runtime this often. */
const runtimeCheckMs = 5_000

/** Until a kubelet reports a change of its Node's network: the runtime's state and the Node's status have a period each. */
export function networkReported(recording: Recording): Bound {
  const { ms, source } = setting(recording, nodeStatusUpdateFrequency)
  return {
    limit: ms + runtimeCheckMs + watchDelayMs,
    unit: 'ms',
    source: `${source} + 5 s between two reads of the runtime (fixed in the kubelet) + 1 s stated by Holdfast for the watch`,
  }
}
