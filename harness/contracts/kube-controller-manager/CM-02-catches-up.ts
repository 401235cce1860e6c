import { isAvailable } from '../../judge/cluster/pod-counts.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { type FaultWindow, overlaps, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { isOwnedBy, objects } from '../../judge/recording/kubernetes-objects.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { noException, reconcile, takeover, watchDelayMs } from '../bounds.ts'
import { type LostWhileDown, lostWhileDown } from './controller-outages.ts'
import { unableTimes } from './unable-times.ts'

interface Set {
  readonly set: string
  readonly wanted: number
}
interface CaughtUp extends Set {
  readonly afterMs: number
  readonly outageMs: number
}

const found = findings({
  REPLACED_WHILE_DOWN: ({ set, pod, afterMs }: { set: string; pod: string; afterMs: number }) =>
    `${pod} of ${set} was created ${duration(afterMs)} after the last controller manager had ended.`,
  OTHER_POD_LOST: ({ pod, afterMs }: { readonly pod: string; readonly afterMs: number }) =>
    `${pod} stopped being Ready ${duration(afterMs)} after the last controller manager had ended, without a request to delete it.`,
  SURPLUS_PODS: ({ set, wanted, pods }: Set & { readonly pods: number }) =>
    `After the return of the controller managers ${set} had ${counted(pods, 'pod')}; it wanted ${wanted}.`,
  NOT_CAUGHT_UP: ({ set, wanted, afterMs, pods }: CaughtUp & { readonly pods: number }) =>
    `${duration(afterMs)} after a controller manager ran again ${set} had ${pods} of ${counted(wanted, 'pod')}.`,
  CAUGHT_UP: ({ set, wanted, afterMs, outageMs }: CaughtUp) =>
    `No controller manager ran for ${duration(outageMs)} and nothing replaced the lost pods; ${set} had exactly ${counted(wanted, 'pod')} again ${duration(afterMs)} after the return.`,
  CAUGHT_UP_LATE: ({ set, wanted, afterMs }: CaughtUp) =>
    `${set} had its ${counted(wanted, 'pod')} again ${duration(afterMs)} after a controller manager ran again.`,
})

/** CM-02 */
export const catchesUp = defineContract<LostWhileDown>({
  id: 'CM-02',
  area: 'kube-controller-manager',
  promise:
    'Without a controller manager lost pods are not replaced and other pods keep running; after its return each ReplicaSet has exactly the wanted pods.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  stimulus: { needs: 'a ReplicaSet that loses a pod while no controller manager runs', find: lostWhileDown },
  judge: (recording, all) => gravest(all, (one) => judged(recording, one)),
})

/** @throws InconclusiveError NOT_WATCHED, RECORDING_ENDS */
function judged(recording: Recording, lost: LostWhileDown): Finding {
  const end = lost.after.at(-1)?.until ?? lost.outage.until
  for (const resource of ['pods', 'replicasets'] as const) requireWatched(recording, resource, lost.outage.from, end)
  const breach = firstBreach(
    () => replaced(recording, lost),
    () => otherPodLost(recording, lost),
    () => surplus(lost),
  )
  return breach ?? caughtUp(recording, lost)
}

const nameOf = ({ set }: LostWhileDown): string => `${set.namespace}/${set.name}`

function replaced(recording: Recording, lost: LostWhileDown): Finding | undefined {
  const { certain, set } = lost
  const from = certain.from + watchDelayMs
  const pod = objects(recording, 'pods')
    .in(set.namespace)
    .find(({ versions, bornAt }) => {
      const owners = versions[0]?.object.metadata.ownerReferences ?? []
      return from < bornAt && bornAt < certain.until && owners.some((one) => one.name === set.name)
    })
  if (!pod) return undefined
  return found.fail(
    'REPLACED_WHILE_DOWN',
    { set: nameOf(lost), pod: pod.name, afterMs: Math.round(pod.bornAt - certain.from) },
    {
      observed: 'a replacement without a controller manager',
      evidence: pod.versions.slice(0, 1).map((one) => one.record),
    },
  )
}

/** Only where no other fault may be the reason. The containers of Jobs end by themselves. */
function otherPodLost(recording: Recording, { certain }: LostWhileDown): Finding | undefined {
  const isOwn = ({ target }: FaultWindow): boolean => target.component === 'kube-controller-manager'
  const faults = possibleFaults(recording).filter((window) => !isOwn(window))
  if (faults.some(({ intentAt, until }) => overlaps({ from: intentAt, until }, certain))) return undefined
  for (const life of objects(recording, 'pods').lives) {
    const before = life.at(certain.from)
    if (!before || !isAvailable(before) || isOwnedBy(before, 'Job')) continue
    const left = life.versions.find(({ at, object }) => at > certain.from && !isAvailable(object))
    if (!left || left.at >= certain.until || left.object.metadata.deletionTimestamp !== undefined) continue
    return found.fail(
      'OTHER_POD_LOST',
      { pod: `${life.namespace}/${life.name}`, afterMs: Math.round(left.at - certain.from) },
      { observed: 'another pod was lost', evidence: [left.record] },
    )
  }
  return undefined
}

function surplus(lost: LostWhileDown): Finding | undefined {
  const { wanted, after } = lost
  const more = after.find(({ actual }) => actual > wanted)
  if (!more) return undefined
  return found.fail(
    'SURPLUS_PODS',
    { set: nameOf(lost), wanted, pods: more.actual },
    {
      observed: `${more.actual} of ${wanted} pods`,
      measured: more.actual - wanted,
      bound: noException,
      evidence: [more.record],
    },
  )
}

/** @throws InconclusiveError RECORDING_ENDS */
function caughtUp(recording: Recording, lost: LostWhileDown): Finding {
  const { outage, certain, after, wanted } = lost
  const bound = catchUp(recording)
  const isOther = ({ target }: FaultWindow): boolean => target.component !== 'kube-controller-manager'
  const excused = unableTimes(recording, 'kube-controller-manager', isOther)
  const exact = after.find(({ actual }) => actual === wanted)
  const last = after.at(-1)
  const until = exact?.from ?? last?.until ?? outage.until
  const afterMs = Math.round(longestMs(without({ from: outage.until, until }, excused)))
  const outageMs = Math.round(certain.until - certain.from)
  const values = { set: nameOf(lost), wanted, afterMs, outageMs }
  const observed = `exact ${duration(afterMs)} after the return`
  if (exact) {
    const codes = { pass: 'CAUGHT_UP', late: 'CAUGHT_UP_LATE' } as const
    return found.timed(codes, values, afterMs, bound, { observed, evidence: [lost.short.record, exact.record] })
  }
  if (afterMs <= bound.limit) {
    throw new InconclusiveError(`The recording of ${values.set} ends before the bound has passed.`, 'RECORDING_ENDS')
  }
  const pods = last?.actual ?? 0
  const details = { observed: `${pods} of ${wanted} pods`, measured: afterMs, bound, evidence: [lost.short.record] }
  return found.fail('NOT_CAUGHT_UP', { ...values, pods }, details)
}

/** A returning instance may have to wait until the Lease of an ended one expires. */
function catchUp(recording: Recording): Bound {
  const lead = takeover(recording, 'kube-controller-manager')
  return { limit: lead.limit + reconcile.limit, unit: 'ms', source: `${lead.source} + ${reconcile.source}` }
}
