import { type FaultWindow, down, faultWindows } from '../../judge/faults/fault-windows.ts'
import { type Tenure, tenures } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'

export const schedulerLease = 'kube-scheduler'

/** The leading instance of a component was hit while at least one other instance could take over. */
export interface LeaderLoss {
  readonly machine: string
  readonly from: number
  /** How long another instance could take over: until a declared fault held it down. */
  readonly ableUntil: number
  readonly standbys: readonly string[]
  readonly led: Tenure
  readonly window: FaultWindow
}

/** Every loss of the leader that a standby could answer. Default: of the scheduler. */
export function leaderLosses(recording: Recording, component: string = schedulerLease): LeaderLoss[] {
  const hosts = named(recording, 'control-plane')
  const downs = down(faultWindows(recording), component, hosts)
  const terms = tenures(recording, component)
  const end = span(recording).until
  return downs.flatMap(({ machine, from, window }) => {
    const led = terms.findLast((one) => one.from <= from && from <= one.until)
    if (led?.machine !== machine) return []
    const standbys = hosts.filter((name) => name !== machine)
    const ableUntil = Math.max(
      ...standbys.map((name) =>
        Math.min(end, ...downs.filter((one) => one.machine === name && one.until > from).map((one) => one.from)),
      ),
    )
    return ableUntil > from ? [{ machine, from, ableUntil, standbys, led, window }] : []
  })
}
