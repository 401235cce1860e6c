import { defineContract, type Finding } from '../../judge/contract.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { statusReport } from '../nodes/node-bounds.ts'
import { kubeletTimes } from '../nodes/kubelet-times.ts'
import { comparable, type Listing, listings } from './listings.ts'
import { type UntrueReport, untrueReports } from './untrue-reports.ts'

interface Untrue {
  readonly pod: string
  readonly machine: string
  readonly difference: string
  readonly afterMs: number
}

const found = findings({
  STATUS_UNTRUE: ({ pod, machine, difference, afterMs }: Untrue) =>
    `${pod} on ${machine} had a wrong status for ${duration(afterMs)}: ${difference}.`,
  STATUS_LATE: ({ pod, machine, difference, afterMs }: Untrue) =>
    `The kubelet of ${machine} corrected the status of ${pod} after ${duration(afterMs)}: ${difference}.`,
  STATUS_TRUE: ({ listings, afterMs }: { readonly listings: number; readonly afterMs: number }) =>
    `The statuses of pods agreed with ${counted(listings, 'listing')} of the Nodes' runtimes; the longest difference lasted ${duration(afterMs)}.`,
})

/** KLET-09 */
export const reportsTruth = defineContract<Listing>({
  id: 'KLET-09',
  area: 'kubelet',
  promise:
    'The kubelet reports which containers of its pods run, and the address of each pod, as its runtime has them.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states',
  stimulus: { needs: "containers in a listing of a Node's runtime", find: listings },
  judge(recording, all) {
    const own = comparable(recording, all)
    return gravest(own, (one) => truthful(recording, one, own.length))
  },
})

function truthful(recording: Recording, listing: Listing, listings: number): Finding {
  const { machine } = listing
  const excused = [...kubeletTimes(recording, machine), ...blindTimes(recording, 'pods')]
  const reports = untrueReports(recording, listing).map((report) => ({
    report,
    afterMs: longestMs(without(report, excused)),
  }))
  const [worst] = reports.toSorted((a, b) => b.afterMs - a.afterMs)
  if (worst && worst.afterMs > statusReport.limit) return untrue(worst.report, machine, worst.afterMs)
  const afterMs = Math.round(worst?.afterMs ?? 0)
  return found.pass(
    'STATUS_TRUE',
    { listings, afterMs },
    { observed: `a difference for ${duration(afterMs)} at most`, measured: afterMs, bound: statusReport },
  )
}

function untrue(
  { pod, difference, records: evidence, ended }: UntrueReport,
  machine: string,
  afterMs: number,
): Finding {
  const values = { pod, machine, difference, afterMs: Math.round(afterMs) }
  const details = {
    observed: `a wrong status for ${duration(afterMs)}`,
    measured: afterMs,
    bound: statusReport,
    evidence,
  }
  return ended ? found.late('STATUS_LATE', values, details) : found.fail('STATUS_UNTRUE', values, details)
}
