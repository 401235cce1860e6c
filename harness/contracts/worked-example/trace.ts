import { audited } from '../../judge/audited.ts'
import { isSuccess } from '../../judge/bindings.ts'
import { isOwnedBy, type ObjectOf, objects, type Pod } from '../../judge/kubernetes-objects.ts'
import type { Life } from '../../judge/object-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { namespaceOf, span } from '../../judge/scene.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import type { RecordOf } from '../../record/records.ts'

/** What the worked example creates. */
export const example = 'hello'

/** Requests of the recording that create objects of one resource in the example's namespace, granted or not. */
export function creates(recording: Recording, resource: string): RecordOf<'audit'>[] {
  const { from, until } = span(recording)
  return audited(recording)
    .filter((one) => one.verb === 'create' && one.resource === resource && one.subresource === '')
    .filter((one) => one.namespace === namespaceOf(recording) && from <= one.at && one.at <= until)
}

/** The request that created an object by its name. @throws InconclusiveError */
export function creationOf(recording: Recording, resource: string, name: string): RecordOf<'audit'> {
  return requireEvidence(
    creates(recording, resource).find((one) => isSuccess(one) && (one.name === name || one.detail === name)),
    `The audit log has no request that created ${resource}/${name}.`,
  )
}

export function exampleDeployment(recording: Recording): Life<ObjectOf<'deployments'>> {
  needWatched(recording, 'deployments', span(recording).from, span(recording).until)
  return requireEvidence(
    objects(recording, 'deployments').named(namespaceOf(recording), example)[0],
    `The Deployment ${example} was not seen.`,
  )
}

export function examplePods(recording: Recording): readonly [Life<Pod>, ...Life<Pod>[]] {
  needWatched(recording, 'pods', span(recording).from, span(recording).until)
  const pods = objects(recording, 'pods').in(namespaceOf(recording))
  return requireNonEmpty(
    pods.filter(({ versions }) => versions.some(({ object }) => isOwnedBy(object, 'ReplicaSet'))),
    `No pod of ${example} was seen.`,
  )
}
