import { ownedOrOwning } from '../../judge/cluster/dependents.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { Work } from './work.ts'

type Owned = Life<{ readonly metadata: Pod['metadata'] }>

/** Objects that were being deleted after their dependents at this time. */
export function foregroundDeletions(recording: Recording, at: number): Work[] {
  const all = ownedOrOwning.flatMap((resource) =>
    objects(recording, resource).lives.map((life) => ({ resource, life: life as Owned })),
  )
  return all.flatMap(({ resource, life }): Work[] => {
    const { metadata } = life.at(at) ?? {}
    if (metadata?.deletionTimestamp === undefined || !metadata.finalizers.includes('foregroundDeletion')) return []
    const dependents = all.flatMap((one) => (isOwnedBy(one.life, life.uid) ? [one.life] : []))
    return [
      {
        what: `the deletion of ${resource} ${life.namespace}/${life.name}`,
        due: dueTimes(life, dependents, at, span(recording).until),
        done: life.deletedAt < Infinity,
        surplus: 0,
        records: life.versions.slice(-1).map(({ record }) => record),
      },
    ]
  })
}

function isOwnedBy({ versions }: Owned, owner: string): boolean {
  return versions.some(({ object }) => object.metadata.ownerReferences.some(({ uid }) => uid === owner))
}

/** The garbage collector waits while dependents are terminating; otherwise it has to delete one, or the object. */
function dueTimes(life: Owned, dependents: readonly Owned[], from: number, end: number): Interval[] {
  const until = Math.min(life.deletedAt, end)
  const changes = [life, ...dependents].flatMap(({ versions }) => versions.map(({ at }) => at))
  const inOrder = [...new Set([from, ...changes.filter((at) => from < at && at < until), until])].sort((a, b) => a - b)
  return inOrder.flatMap((at, n): Interval[] => {
    const left = dependents.flatMap((one) => one.at(at)?.metadata ?? [])
    const waits = left.length > 0 && left.every(({ deletionTimestamp }) => deletionTimestamp !== undefined)
    const next = inOrder[n + 1]
    return next === undefined || waits ? [] : [{ from: at, until: next }]
  })
}
