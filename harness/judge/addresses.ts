import type { Claim } from './history/unique-addresses.ts'
import { isActive, objects } from './kubernetes-objects.ts'
import type { Recording } from './recording.ts'

/* Who had which address, told by those who know: the API of what it gave out, each machine's kernel of what pods have. */

/** Pods by their revisions in the API. One that is being deleted may have lost its address already. */
export function podsInTheApi(recording: Recording): Claim[] {
  return objects(recording, 'pods').lives.flatMap(({ uid, namespace, name, versions }) => {
    const first = versions.find(({ object }) => object.status.podIP !== undefined && !object.spec.hostNetwork)
    if (!first) return []
    const ends = versions.find(({ deleted, object }) => deleted || !isActive(object))
    return {
      address: first.object.status.podIP ?? '',
      owner: `${namespace}/${name} (${uid})`,
      from: first.resourceVersion,
      until: ends?.resourceVersion ?? Infinity,
    }
  })
}

/** Sandboxes on every machine, whatever the API says of them: from the first look that found one to the last. */
export function sandboxes(recording: Recording): Claim[] {
  const claims = new Map<string, Claim>()
  for (const { at, machine, containers } of recording.of('containers')) {
    for (const { id, namespace, pod, address } of containers) {
      if (address === undefined) continue
      const owner = `${namespace}/${pod} on ${machine} (${id.slice(0, 12)})`
      const known = claims.get(id)
      // Of a look it is not known in which moment it saw what: those of one instant saw each other.
      claims.set(id, { address, owner, from: known?.from ?? at, until: at + 1 })
    }
  }
  return [...claims.values()]
}

/** Services by their revisions in the API: whoever created them. */
export function servicesInTheApi(recording: Recording): Claim[] {
  return objects(recording, 'services').lives.flatMap(({ uid, namespace, name, versions }) => {
    const first = versions.find(({ object: { spec } }) => spec.clusterIP !== undefined && spec.clusterIP !== 'None')
    if (!first) return []
    const ends = versions.find(
      ({ deleted, object }) => deleted || object.spec.clusterIP !== first.object.spec.clusterIP,
    )
    return {
      address: first.object.spec.clusterIP ?? '',
      owner: `${namespace}/${name} (${uid})`,
      from: first.resourceVersion,
      until: ends?.resourceVersion ?? Infinity,
    }
  })
}
