import type { Pod } from '../recording/kubernetes-objects.ts'
import { objects } from '../recording/kubernetes-objects.ts'
import type { Life, Version } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'

/** The resources whose objects own others, or are owned, and that the recorder watches. */
export const ownedOrOwning = ['services', 'deployments', 'replicasets', 'pods', 'endpointslices'] as const

type Owned = Life<{ readonly metadata: Pod['metadata'] }>

/** An object that other objects own, all of which the recording has from before their end. */
export interface Dependent {
  readonly resource: (typeof ownedOrOwning)[number]
  readonly life: Owned
  readonly owners: readonly Owned[]
}

/** Every object whose last known owners are all known. Owners that were removed from it do not count. */
export function dependents(recording: Recording): Dependent[] {
  const all = ownedOrOwning.flatMap((resource) =>
    objects(recording, resource).lives.map((life) => ({ resource, life: life as Owned })),
  )
  const byUid = new Map(all.map(({ life }) => [life.uid, life]))
  return all.flatMap(({ resource, life }): Dependent[] => {
    const references = life.versions.at(-1)?.object.metadata.ownerReferences ?? []
    const owners = references.flatMap(({ uid }) => byUid.get(uid) ?? [])
    return owners.length > 0 && owners.length === references.length ? [{ resource, life, owners }] : []
  })
}

/** The state with which an object's deletion was requested or happened; undefined for an object that was kept. */
export function endOf({ versions }: Owned): Version<unknown> | undefined {
  return versions.find(({ deleted, object }) => deleted || object.metadata.deletionTimestamp !== undefined)
}
