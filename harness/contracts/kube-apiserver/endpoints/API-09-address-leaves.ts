import { defineContract, type Finding } from '../../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../../judge/coverage/host-noise.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { counted, duration } from '../../../judge/verdict/format.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../../judge/verdict/inconclusive.ts'
import { type Change, followedAt, serverChanges } from './server-outages.ts'

interface Follows {
  readonly machine: string
  readonly what: Change['what']
  readonly afterMs: number
}

const found = findings({
  STILL_LISTED: ({ machine, what, afterMs }: Follows) =>
    `The API server on ${machine} ${what}, and the EndpointSlice of kubernetes still listed its address after ${duration(afterMs)}.`,
  LEFT_LATE: ({ machine, what, afterMs }: Follows) =>
    `The API server on ${machine} ${what}; its address left the EndpointSlice of kubernetes after ${duration(afterMs)}.`,
  NOT_LISTED_AGAIN: ({ machine, afterMs }: Follows) =>
    `The API server on ${machine} returned, and the EndpointSlice of kubernetes did not list its address for ${duration(afterMs)}.`,
  LISTED_AGAIN_LATE: ({ machine, afterMs }: Follows) =>
    `The API server on ${machine} returned; the EndpointSlice of kubernetes listed its address after ${duration(afterMs)}.`,
  ADDRESS_FOLLOWED: ({ machine, what, afterMs, changes }: Follows & { readonly changes: number }) =>
    `The EndpointSlice of kubernetes followed API servers that ended or returned ${counted(changes, 'time')}; when that on ${machine} ${what}, after ${duration(afterMs)}.`,
})

/** API-09 */
export const addressLeaves = defineContract<Change>({
  id: 'API-09',
  area: 'kube-apiserver',
  promise:
    'The address of an API server that ended leaves the EndpointSlice of the Service kubernetes: at once after a graceful stop, after its lease otherwise. It returns with the API server.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/#kube-apiserver',
  stimulus: {
    needs: 'an API server that ends or returns while etcd and the others are undisturbed',
    find: serverChanges,
  },
  judge: (recording, all) => gravest(all, (change) => followed(recording, change, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, HOST_NOISE */
function followed(recording: Recording, change: Change, changes: number): Finding {
  const { machine, what, due, until, listed, bound } = change
  const at = followedAt(change)
  requireWatched(recording, 'endpointslices', due.from, Math.min(at ?? until, until))
  const afterMs = Math.round((at ?? until) - due.from)
  const values = { machine, what, afterMs }
  const over = afterMs - bound.limit
  const time = { from: due.from, until: at ?? until }
  if (over > 0 && mayBeHost(recording, time, over)) {
    const figures = { ...values, ...hostFigures(recording, time, over) }
    throw new InconclusiveError(`The host was too slow to judge the address of ${machine}.`, 'HOST_NOISE', figures)
  }
  const last = listed.findLast(({ from }) => from <= time.until)
  const details = { evidence: last ? [last.record, ...(last.end ? [last.end] : [])] : [] }
  const isBack = what === 'returned'
  if (at === undefined) {
    const code = isBack ? 'NOT_LISTED_AGAIN' : 'STILL_LISTED'
    const observed = isBack ? 'an address that did not return' : 'the address of an ended server'
    return found.fail(code, values, { ...details, observed, measured: afterMs, bound })
  }
  const codes = { pass: 'ADDRESS_FOLLOWED', late: isBack ? 'LISTED_AGAIN_LATE' : 'LEFT_LATE' } as const
  const observed = `the address followed after ${duration(afterMs)}`
  return found.timed(codes, { ...values, changes }, afterMs, bound, { ...details, observed })
}
