import { isSuccess } from '../../judge/cluster/bindings.ts'
import { overlaps, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { type ObjectOf, type Pod, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import type { RecordOf } from '../../record/records.ts'
import { deploymentFields } from './fields.ts'

/** After a fault Leases expire and Nodes return: for this long the bounds of a sound cluster do not apply. */
const recoveryMs = 60_000
/** The audit log records a request, the watch its object: their times may differ by this much. */
const inFlightMs = 1_000

type Audit = RecordOf<'audit'>

/** A Deployment that a user created, with the objects that the controllers created for it. */
export interface Chain {
  readonly namespace: string
  readonly name: string
  readonly request: Audit
  /** Undefined where no watch reported it. */
  readonly deployment: Life<ObjectOf<'deployments'>> | undefined
  readonly sets: readonly Life<ObjectOf<'replicasets'>>[]
  readonly pods: readonly Life<Pod>[]
  /** Until the first interruption: a fault, a change of the Deployment, the end of a pod or of the recording. */
  readonly endsAt: number
}

/** Every Deployment that a user created with no fault in force or recently ended. */
export function chainsOf(recording: Recording): Chain[] {
  const { from, until } = span(recording)
  return recording
    .of('audit')
    .filter((one) => one.resource === 'deployments' && isCreation(one) && !one.user.startsWith('system:'))
    .filter(({ at }) => from <= at && at <= until && !isDisturbed(recording, at))
    .map((request) => chainOf(recording, request))
}

/** A request that created an object: an apply creates with another verb than create. */
export function isCreation(request: Audit): boolean {
  if (request.subresource !== '' || !isSuccess(request)) return false
  return request.verb === 'create' || (/^(patch|update)$/.test(request.verb) && request.code === 201)
}

function isDisturbed(recording: Recording, at: number): boolean {
  return possibleFaults(recording).some((window) =>
    overlaps({ from: window.intentAt, until: window.until }, { from: at - recoveryMs, until: at }),
  )
}

function chainOf(recording: Recording, request: Audit): Chain {
  const { namespace, name } = request
  for (const resource of ['deployments', 'replicasets', 'pods'] as const)
    requireWatched(recording, resource, request.at, request.endedAt + inFlightMs)
  const deployment = objects(recording, 'deployments')
    .named(namespace, name)
    .find(({ bornAt }) => bornAt >= request.at - inFlightMs)
  const sets = ownedBy(objects(recording, 'replicasets').in(namespace), deployment)
  const pods = sets.flatMap((set) => ownedBy(objects(recording, 'pods').in(namespace), set))
  const endsAt = Math.min(
    span(recording).until,
    ...possibleFaults(recording).flatMap(({ intentAt }) => (intentAt > request.at ? [intentAt] : [])),
    changedAt(deployment),
    ...pods.map(endOf),
  )
  for (const resource of ['replicasets', 'pods'] as const) requireWatched(recording, resource, request.at, endsAt)
  return { namespace, name, request, deployment, sets, pods, endsAt }
}

interface Owned {
  readonly metadata: Pod['metadata']
}

/** Objects that belonged to an owner from their creation on. */
function ownedBy<T extends Owned>(lives: readonly Life<T>[], owner: Life<unknown> | undefined): Life<T>[] {
  return lives.filter(({ versions }) =>
    versions[0]?.object.metadata.ownerReferences.some(({ uid }) => uid === owner?.uid),
  )
}

/** When a Deployment was first changed or deleted. */
function changedAt(deployment: Chain['deployment']): number {
  const [first, ...later] = deployment?.versions ?? []
  if (!first) return Infinity
  const { generation } = deploymentFields(first).metadata
  const change = later.find(
    (one) =>
      one.deleted ||
      one.object.metadata.deletionTimestamp !== undefined ||
      one.object.spec.replicas !== first.object.spec.replicas ||
      deploymentFields(one).metadata.generation !== generation,
  )
  return change?.at ?? Infinity
}

function endOf({ versions }: Life<Pod>): number {
  const end = versions.find(
    ({ deleted, object: { metadata, status } }) =>
      deleted || metadata.deletionTimestamp !== undefined || /^(Failed|Succeeded)$/.test(status.phase ?? ''),
  )
  return end?.at ?? Infinity
}
