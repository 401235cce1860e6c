import type { Interval } from '../faults/fault-windows.ts'
import { objects } from './kubernetes-objects.ts'
import type { Recording } from './recording.ts'

/**
 * A time in which one instance held a leader's Lease: from the first observation until another holder, or until it
 * expired.
 */
export interface Tenure extends Interval {
  readonly holder: string
  readonly machine: string
  /** The last renewal that was observed. */
  readonly renewedAt: number
}

/**
 * The leaders from the watch of a Lease in kube-system, oldest first. Lease times are wall clocks of the holder, so
 * only the times at which renewals were observed count.
 */
export function tenures(recording: Recording, lease: string): Tenure[] {
  const found: { holder: string; machine: string; from: number; until: number; renewedAt: number }[] = []
  for (const { versions } of objects(recording, 'leases').named('kube-system', lease)) {
    for (const { at, deleted, object } of versions) {
      const holder = deleted ? '' : (object.spec.holderIdentity ?? '')
      const runsOutAt = at + (object.spec.leaseDurationSeconds ?? 15) * 1000
      const last = found.at(-1)
      if (last && last.until > at && last.holder !== holder) last.until = at
      if (holder === '') continue
      const machine = holder.split('_', 1)[0] ?? holder
      if (last && last.holder === holder && last.until >= at) Object.assign(last, { until: runsOutAt, renewedAt: at })
      else found.push({ holder, machine, from: at, until: runsOutAt, renewedAt: at })
    }
  }
  return found
}
