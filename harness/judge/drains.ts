import { audited } from './audited.ts'
import type { RecordOf } from '../record/records.ts'
import { type FaultWindow, faultWindows } from './fault-windows.ts'
import type { Recording } from './recording.ts'
import { requireEvidence } from './inconclusive.ts'

export interface Drain {
  readonly node: string
  readonly window: FaultWindow
  /** The `kubectl drain` that was run; its times are when it began and returned. */
  readonly command: RecordOf<'command'>
}

/** The drain of a scenario, with the command that did it. @throws InconclusiveError */
export function drainOf(recording: Recording): Drain {
  const window = requireEvidence(
    faultWindows(recording).find(({ fault }) => fault === 'drain'),
    'No Node was drained.',
  )
  const [node = ''] = window.target.machines
  const command = requireEvidence(
    recording.of('command').find(({ argv }) => argv.includes('drain') && argv.includes(node)),
    `No kubectl drain of ${node} was recorded.`,
  )
  return { node, window, command }
}

/** Requests to evict a pod, in the order of arrival. `name` is the pod's. */
export function evictions(recording: Recording, namespace?: string): RecordOf<'audit'>[] {
  return audited(recording)
    .filter((one) => one.verb === 'create' && one.resource === 'pods' && one.subresource === 'eviction')
    .filter((one) => namespace === undefined || one.namespace === namespace)
}
