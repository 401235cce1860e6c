import type { Claim } from '../history/unique-addresses.ts'
import { objects } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'

/** Services by their revisions in the API, created by any client. */
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
