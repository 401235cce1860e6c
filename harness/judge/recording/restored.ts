import { possibleFaults } from '../faults/fault-windows.ts'
import type { Recording } from './recording.ts'

/** Whether etcd may have been restored from a snapshot: then its revisions go back and do not order observations. */
export function mayBeRestored(recording: Recording): boolean {
  return possibleFaults(recording).some(({ fault }) => fault === 'restore-snapshot')
}
