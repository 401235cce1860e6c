import { isSuccess } from '../../judge/cluster/bindings.ts'
import { type Dependent, dependents, endOf, ownedOrOwning } from '../../judge/cluster/dependents.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import type { RecordOf } from '../../record/records.ts'
import { unableTimes } from './unable-times.ts'

/** A dependent whose owners are gone and that was, or had to be, deleted; or that was deleted while an owner existed. */
interface Garbage extends Dependent {
  readonly goneAt: number
  readonly ended: boolean
  readonly afterMs: number
}

interface Left {
  readonly object: string
  readonly afterMs: number
}

const found = findings({
  COLLECTED_WITH_OWNER: ({ object, owner }: { readonly object: string; readonly owner: string }) =>
    `The garbage collector deleted ${object} while its owner ${owner} existed.`,
  NOT_COLLECTED: ({ object, afterMs }: Left) =>
    `${object} still existed ${duration(afterMs)} after its last owner was deleted.`,
  COLLECTED_LATE: ({ object, afterMs }: Left) =>
    `${object} was deleted ${duration(afterMs)} after its last owner, later than the bound.`,
  COLLECTED: ({ object, afterMs, dependents: count }: Left & { readonly dependents: number }) =>
    `The garbage collector deleted ${counted(count, 'dependent')} of deleted owners; the slowest, ${object}, took ${duration(afterMs)}.`,
})

/** For the deletion of a deleted object's dependents: the garbage collector has a queue of its own. */
const garbageCollection: Bound = {
  limit: 30_000,
  unit: 'ms',
  source: '30 s stated by Holdfast: no bound is documented (2 s at most on sound clusters)',
}

/** CM-04 */
export const collectsGarbage = defineContract<Garbage>({
  id: 'CM-04',
  area: 'kube-controller-manager',
  promise: 'The garbage collector deletes objects whose owners were all deleted, and no object that has an owner.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/garbage-collection/',
  stimulus: { needs: 'an object whose owners are all deleted', find: garbage },
  judge: (recording, all) => collectedWithOwner(recording) ?? gravest(all, (one) => collected(one, all.length)),
})

function garbage(recording: Recording): Garbage[] {
  const { from, until } = span(recording)
  const excused = [
    ...unableTimes(recording, 'kube-controller-manager'),
    ...ownedOrOwning.flatMap((resource) => blindTimes(recording, resource)),
  ]
  return dependents(recording).flatMap((one): Garbage[] => {
    const goneAt = Math.max(...one.owners.map(({ deletedAt }) => deletedAt))
    if (goneAt < from || goneAt > until) return []
    const endedAt = endOf(one.life)?.at
    const afterMs = longestMs(without({ from: goneAt, until: endedAt ?? until }, excused))
    const isDue = endedAt !== undefined || afterMs > garbageCollection.limit
    return isDue ? [{ ...one, goneAt, ended: endedAt !== undefined, afterMs }] : []
  })
}

function collected({ resource, life, owners, goneAt, ended, afterMs }: Garbage, count: number): Finding {
  const object = `${resource} ${life.namespace}/${life.name}`
  const values = { object, afterMs: Math.round(afterMs) }
  const last = [...owners, life].flatMap(({ versions }) => versions.at(-1)?.record ?? [])
  const details = { evidence: last, moments: [{ at: goneAt, label: `${object} has no owner any more` }] }
  if (!ended) {
    const observed = 'an object without its owner'
    return found.fail('NOT_COLLECTED', values, { ...details, observed, measured: afterMs, bound: garbageCollection })
  }
  return found.timed(
    { pass: 'COLLECTED', late: 'COLLECTED_LATE' },
    { ...values, dependents: count },
    afterMs,
    garbageCollection,
    { ...details, observed: `${counted(count, 'dependent')}, the slowest after ${duration(afterMs)}` },
  )
}

const collector = 'system:serviceaccount:kube-system:generic-garbage-collector'

/** An object that the garbage collector alone deleted, at a revision at which an owner existed and was not being deleted. */
function collectedWithOwner(recording: Recording): Finding | undefined {
  const { from } = span(recording)
  for (const { resource, life, owners } of dependents(recording)) {
    const end = endOf(life)
    const owner = owners.find((one) => end && (endOf(one)?.resourceVersion ?? Infinity) > end.resourceVersion)
    if (!end || !owner || end.at < from) continue
    const requests = deletions(recording, resource, life)
    const [request] = requests
    if (!request || requests.some(({ user }) => user !== collector)) continue
    const values = { object: `${resource} ${life.namespace}/${life.name}`, owner: owner.name }
    const evidence = [request, end.record]
    return found.fail('COLLECTED_WITH_OWNER', values, { observed: 'an object deleted with its owner left', evidence })
  }
  return undefined
}

/** Granted requests that may have deleted an object. */
function deletions(
  recording: Recording,
  resource: string,
  { namespace, name }: Dependent['life'],
): RecordOf<'audit'>[] {
  return recording
    .of('audit')
    .filter(
      (one) =>
        one.resource === resource &&
        one.namespace === namespace &&
        isSuccess(one) &&
        ((one.verb === 'delete' && one.name === name) || one.verb === 'deletecollection'),
    )
}
